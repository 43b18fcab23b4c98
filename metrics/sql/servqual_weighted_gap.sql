WITH
    weights AS (SELECT row.1 AS questionnaire, row.2 AS version, row.3 AS dimension, row.4 AS weight FROM (SELECT arrayJoin({{.Weights}}) AS row)),
    answers AS
    (
        SELECT questionnaire, questionnaire_version, dimension, score - expectation AS difference
        FROM rapport.survey_answers
        WHERE {{template "valid" .}}
    ),
    newest AS
    (
        SELECT questionnaire, toString(max(questionnaire_version)) AS version
        FROM rapport.survey_responses
        WHERE {{template "valid" .}}
        GROUP BY questionnaire
    )
SELECT questionnaire, '' AS detail, sum(weight * gap) AS value, sum(answered) AS n
FROM
(
    SELECT weights.questionnaire AS questionnaire, weights.weight AS weight, gaps.gap AS gap, gaps.answered AS answered
    FROM weights
    INNER JOIN newest ON newest.questionnaire = weights.questionnaire AND newest.version = weights.version
    LEFT JOIN (SELECT questionnaire, dimension, avg(difference) AS gap, count(difference) AS answered FROM answers GROUP BY questionnaire, dimension) AS gaps
        ON gaps.questionnaire = weights.questionnaire AND gaps.dimension = weights.dimension
)
GROUP BY questionnaire
HAVING min(answered) > 0
ORDER BY questionnaire, detail
