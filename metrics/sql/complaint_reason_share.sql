SELECT '' AS questionnaire, reason AS detail, 100 * count() / n AS value, sum(count()) OVER () AS n
FROM rapport.complaints
WHERE {{template "complaints" .}}
GROUP BY detail
ORDER BY detail
