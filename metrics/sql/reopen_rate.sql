SELECT '' AS questionnaire, '' AS detail, 100 * countIf(was_reopened) / n AS value, countIf(was_resolved) AS n
FROM rapport_store.case_outcomes FINAL
WHERE live AND {{template "cases" .}}
HAVING n > 0
