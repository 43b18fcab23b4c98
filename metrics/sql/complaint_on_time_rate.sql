SELECT '' AS questionnaire, '' AS detail, 100 * countIf(ifNull(reached_at <= due_at, false)) / n AS value, countIf(reached_at IS NOT NULL OR due_at < {{template "judged"}}) AS n
FROM
(
    SELECT due_at, if(has(`reached.name`, phase), `reached.at`[indexOf(`reached.name`, phase)], NULL) AS reached_at
    FROM rapport_store.complaints_now
    ARRAY JOIN `due.name` AS phase, `due.at` AS due_at
    WHERE {{template "complaints" .}}
)
HAVING n > 0
