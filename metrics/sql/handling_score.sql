SELECT '' AS questionnaire, '' AS detail, avg(handling_score) AS value, count(handling_score) AS n
FROM rapport.complaints
WHERE {{template "complaints" .}}
HAVING n > 0
