SELECT '' AS questionnaire, milestone AS detail, 100 * countIf(ifNull(reached_at <= due_at, false)) / n AS value, countIf(reached_at IS NOT NULL OR due_at < {{template "judged"}}) AS n
FROM
({{template "due" .}}
)
GROUP BY detail
HAVING n > 0
ORDER BY detail
