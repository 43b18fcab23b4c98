SELECT '' AS questionnaire, '' AS detail, 100 * countIf(NOT is_first) / n AS value, count() AS n
FROM rapport.contacts
WHERE {{template "contacts" .}} AND chain != ''
HAVING n > 0
