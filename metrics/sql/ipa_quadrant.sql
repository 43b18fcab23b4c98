-- 1 keep_up, 2 concentrate_here, 3 low_priority, 4 possible_overkill.
WITH
    {{template "importance" .}},
    performance AS
    (
        SELECT questionnaire, dimension, avg(num / den) AS value, count() AS n
        FROM rapport_store.survey_facts FINAL
        ARRAY JOIN `dimensions.dimension` AS dimension, `dimensions.num` AS num, `dimensions.den` AS den
        WHERE NOT retracted AND NOT superseded AND den > 0 AND {{template "valid" .}}
        GROUP BY questionnaire, dimension
    ),
    both AS
    (
        SELECT importance.questionnaire AS questionnaire, importance.dimension AS dimension, importance.value AS mattering, performance.value AS doing,
            avg(mattering) OVER (PARTITION BY questionnaire) AS mean_mattering, avg(doing) OVER (PARTITION BY questionnaire) AS mean_doing,
            count() OVER (PARTITION BY questionnaire) AS dimensions, least(importance.n, performance.n) AS n
        FROM importance
        INNER JOIN performance ON performance.questionnaire = importance.questionnaire AND performance.dimension = importance.dimension
    )
SELECT questionnaire, dimension AS detail,
    -- A mean of equal floats can lie a hair above them.
    toFloat64(multiIf(mattering >= mean_mattering - 1e-12 AND doing >= mean_doing - 1e-10, 1, mattering >= mean_mattering - 1e-12, 2, doing < mean_doing - 1e-10, 3, 4)) AS value, n
FROM both
WHERE dimensions >= 2
ORDER BY questionnaire, detail
