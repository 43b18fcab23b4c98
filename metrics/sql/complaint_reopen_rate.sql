SELECT '' AS questionnaire, '' AS detail, 100 * countIf(was_reopened) / n AS value, countIf(was_resolved) AS n
FROM rapport_store.complaints_now
WHERE {{template "complaints" .}}
HAVING n > 0
