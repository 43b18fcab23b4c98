SELECT '' AS questionnaire, milestone AS detail, toFloat64(countIf(reached_at IS NULL AND due_at < {{template "judged"}})) AS value, countIf(reached_at IS NOT NULL OR due_at < {{template "judged"}}) AS n
FROM
({{template "due" .}}
)
GROUP BY detail
HAVING n > 0
ORDER BY detail
