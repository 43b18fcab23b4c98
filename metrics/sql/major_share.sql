SELECT '' AS questionnaire, '' AS detail, 100 * countIf(severity = 'major') / n AS value, count() AS n
FROM rapport.complaints
WHERE {{template "complaints" .}}
HAVING n > 0
