SELECT '' AS questionnaire, '' AS detail, 100 * countIf(resolved = true) / n AS value, count() AS n
FROM rapport.contacts
WHERE {{template "contacts" .}} AND is_first
HAVING n > 0
