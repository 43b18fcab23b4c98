SELECT '' AS questionnaire, '' AS detail, 100 * countIf(NOT answered) / n AS value, count() AS n
FROM rapport.contacts
WHERE {{template "contacts" .}} AND direction = 'inbound'
HAVING n > 0
