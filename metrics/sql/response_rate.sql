-- Answered is an invitation that a response up to the instant judged names, at most a day older than it for clocks differ, else one that the customer
-- answered by the questionnaire within 30 days.
WITH
    invitations AS
    (
        SELECT questionnaire, source, event_id, occurred_at, invitation_id, customer_id
        FROM rapport.survey_invitations
        WHERE {{template "span" .}} AND {{template "questionnaire" .}} AND {{.Cut}}
    ),
    answers AS
    (
        SELECT questionnaire, occurred_at, invitation_id, customer_id
        FROM rapport.survey_responses
        WHERE tenant = {tenant:String} AND role = 'customer' AND occurred_at <= {{template "judged"}} AND {{template "questionnaire" .}}
    )
SELECT questionnaire, '' AS detail, 100 * countIf(
        (source, event_id) IN
        (
            SELECT i.source, i.event_id
            FROM invitations AS i
            INNER JOIN answers AS a ON a.invitation_id = i.invitation_id
            WHERE i.invitation_id != '' AND a.occurred_at >= i.occurred_at - INTERVAL 1 DAY
        )
        OR (source, event_id) IN
        (
            SELECT i.source, i.event_id
            FROM invitations AS i
            INNER JOIN answers AS a ON a.questionnaire = i.questionnaire AND a.customer_id = i.customer_id
            WHERE i.customer_id != '' AND a.occurred_at >= i.occurred_at AND a.occurred_at <= i.occurred_at + INTERVAL 30 DAY
        )) / n AS value, count() AS n
FROM invitations
GROUP BY questionnaire
ORDER BY questionnaire, detail
