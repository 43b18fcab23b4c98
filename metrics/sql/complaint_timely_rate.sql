SELECT '' AS questionnaire, '' AS detail, 100 * countIf(timely = true) / n AS value, count(timely) AS n
FROM rapport.complaints
WHERE {{template "complaints" .}}
HAVING n > 0
