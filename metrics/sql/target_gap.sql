WITH
    targets AS (SELECT row.1 AS questionnaire, row.2 AS version, row.3 AS metric, row.4 AS detail, row.5 AS target FROM (SELECT arrayJoin({{.Targets}}) AS row)),
    responses AS (SELECT * FROM rapport.survey_responses WHERE {{template "valid" .}}),
    thresholds AS (SELECT row.1 AS questionnaire, row.2 AS version, toDecimal128(row.3, 18) AS threshold FROM (SELECT arrayJoin({{.Thresholds}}) AS row)),
    newest AS (SELECT questionnaire, toString(max(questionnaire_version)) AS version FROM responses GROUP BY questionnaire),
    customers AS
    (
        SELECT questionnaire, toString(max(questionnaire_version)) AS newest, count() AS given, sumMap([index_den], [index_num]) AS sums,
            round(arraySum((den, num) -> toDecimal128(num, 18) / den, sums.1, sums.2) / given, 15) AS mean_index
        FROM rapport_store.survey_facts FINAL
        WHERE NOT retracted AND NOT superseded AND index_den > 0 AND customer_id != '' AND {{template "valid" .}}
        GROUP BY questionnaire, customer_id
    ),
    figures AS
    (
        SELECT questionnaire, 'satisfaction_index' AS metric, '' AS dimension, toNullable(avg(satisfaction_index)) AS value, count(satisfaction_index) AS n FROM responses GROUP BY questionnaire
        UNION ALL
        SELECT questionnaire, 'csat_top2', '', 100 * countIf(level IN ('very_satisfied', 'satisfied')) / n, if(count(satisfaction_index) > 0, count(), 0) AS n FROM responses GROUP BY questionnaire
        UNION ALL
        SELECT questionnaire, 'nps', '', 100 * (toInt64(countIf(nps >= 9)) - toInt64(countIf(nps <= 6))) / n, count(nps) AS n FROM responses GROUP BY questionnaire
        UNION ALL
        SELECT questionnaire, 'ces', '', avg(ces), count(ces) FROM responses GROUP BY questionnaire
        UNION ALL
        SELECT customers.questionnaire, 'satisfied_customer_rate', '', 100 * countIf(mean_index >= threshold) / n, count() AS n
        FROM customers INNER JOIN thresholds ON thresholds.questionnaire = customers.questionnaire AND thresholds.version = customers.newest
        GROUP BY customers.questionnaire
        UNION ALL
        SELECT questionnaire, 'dimension_score', dimension, avg(num / den), count()
        FROM rapport_store.survey_facts FINAL
        ARRAY JOIN `dimensions.dimension` AS dimension, `dimensions.num` AS num, `dimensions.den` AS den
        WHERE NOT retracted AND NOT superseded AND den > 0 AND {{template "valid" .}}
        GROUP BY questionnaire, dimension
        UNION ALL
        SELECT questionnaire, 'servqual_gap', dimension, avg(score - expectation), count(score - expectation)
        FROM rapport.survey_answers
        WHERE {{template "valid" .}}
        GROUP BY questionnaire, dimension
    )
SELECT targets.questionnaire AS questionnaire, targets.detail AS detail, targets.target - assumeNotNull(figures.value) AS value, figures.n AS n
FROM targets
INNER JOIN newest ON newest.questionnaire = targets.questionnaire AND newest.version = targets.version
INNER JOIN figures ON figures.questionnaire = targets.questionnaire AND figures.metric = targets.metric
    AND figures.dimension = multiIf(targets.metric = 'dimension_score', targets.detail, targets.metric = 'servqual_gap', replaceOne(targets.detail, 'servqual_gap:', ''), '')
WHERE n > 0
ORDER BY questionnaire, detail
