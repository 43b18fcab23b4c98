SELECT '' AS questionnaire, reason AS detail, 100 * failed / n AS value, n
FROM
(
    SELECT count() AS n, ['not_resolved', 'repeat_contact', 'reopened'] AS reasons,
        [countIf(fcr_reason = 'not_resolved'), countIf(fcr_reason = 'repeat_contact'), countIf(fcr_reason = 'reopened')] AS counts
    FROM rapport.contacts
    WHERE {{template "contacts" .}} AND is_first
    HAVING n > 0
)
ARRAY JOIN reasons AS reason, counts AS failed
ORDER BY detail
