SELECT '' AS questionnaire, '' AS detail, avg(wait_seconds) AS value, count() AS n
FROM rapport.contacts
WHERE {{template "contacts" .}} AND direction = 'inbound' AND answered AND wait_seconds IS NOT NULL
HAVING n > 0
