SELECT '' AS questionnaire, '' AS detail, 1000 * (SELECT count() FROM rapport.complaints WHERE {{template "complaints" .}}) / n AS value, count() AS n
FROM rapport.contacts
WHERE {{template "contacts" .}} AND chain != ''
HAVING n > 0
