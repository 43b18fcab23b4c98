SELECT '' AS questionnaire, '' AS detail, avg(ifNull(talk_seconds, 0) + ifNull(hold_seconds, 0) + ifNull(wrap_seconds, 0)) AS value, count() AS n
FROM rapport.contacts
WHERE {{template "contacts" .}} AND direction = 'inbound' AND answered AND (talk_seconds IS NOT NULL OR hold_seconds IS NOT NULL OR wrap_seconds IS NOT NULL)
HAVING n > 0
