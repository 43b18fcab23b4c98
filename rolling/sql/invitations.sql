{{- /* Answered is an invitation that a response up to the instant judged names, else one that its customer answered within 30 days by the same
questionnaire. One that names it may be up to a day older, since clocks of two apps differ, but no more: what is read must not decide what counts. */ -}}
WITH
    asked AS
    (
        SELECT {{template "slot"}}, {{template "value" .}}, toString(questionnaire) AS name, toUnixTimestamp64Micro(occurred_at) AS at, invitation_id AS invitation, customer_id AS customer
        FROM rapport_store.invitation_facts FINAL
        WHERE {{template "hours" .}} AND slot > 0 AND NOT retracted AND NOT superseded
    ),
    answers AS
    (
        SELECT toString(questionnaire) AS answered_name, toUnixTimestamp64Micro(occurred_at) AS answered_at, invitation_id AS answered_invitation, customer_id AS answered_by
        FROM rapport_store.survey_facts FINAL
        WHERE tenant = {tenant:String} AND hour >= toDateTime(({first_hour:UInt32} - 24) * 3600, 'UTC') AND hour <= fromUnixTimestamp64Micro({last:Int64}, 'UTC')
            AND NOT retracted AND NOT superseded AND role = 'customer'
    )
SELECT
    slot, '{{.Cut}}', value, name,
    toUInt64(count()),
    toUInt64(countIf(arrayExists(t -> t >= at - 86400000000 AND t <= {judged:Array(Int64)}[slot], named_times)
        OR arrayExists(t -> t >= at AND t <= at + 2592000000000 AND t <= {judged:Array(Int64)}[slot], times)))
FROM asked
LEFT JOIN
(
    SELECT answered_invitation, groupArray(answered_at) AS named_times
    FROM answers
    WHERE answered_invitation != ''
    GROUP BY answered_invitation
) AS named ON answered_invitation = invitation
LEFT JOIN
(
    SELECT answered_name, answered_by, groupArray(answered_at) AS times
    FROM answers
    WHERE (answered_name, answered_by) IN (SELECT name, customer FROM asked WHERE customer != '')
    GROUP BY answered_name, answered_by
) AS given ON answered_name = name AND answered_by = customer
GROUP BY slot, value, name
