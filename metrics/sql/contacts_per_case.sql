SELECT '' AS questionnaire, '' AS detail, count() / n AS value, countIf(is_first) AS n
FROM rapport.contacts
WHERE {{template "contacts" .}} AND chain != ''
HAVING n > 0
