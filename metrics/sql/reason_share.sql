WITH
    satisfied AS (SELECT row.1 AS questionnaire, row.2 AS version, row.3 AS least FROM (SELECT arrayJoin({{.Satisfied}}) AS row)),
    -- The dimension that lists a code; '' where several do.
    homes AS (SELECT row.1 AS questionnaire, row.2 AS reason, row.3 AS dimension FROM (SELECT arrayJoin({{.Homes}}) AS row)),
    answers AS
    (
        SELECT questionnaire, toString(questionnaire_version) AS version, dimension, score, reasons
        FROM rapport.survey_answers
        WHERE {{template "valid" .}} AND score IS NOT NULL
    ),
    low AS
    (
        SELECT answers.questionnaire AS questionnaire, answers.dimension AS dimension, answers.reasons AS reasons
        FROM answers
        INNER JOIN satisfied ON satisfied.questionnaire = answers.questionnaire AND satisfied.version = answers.version
        WHERE answers.score < satisfied.least
    ),
    named AS (SELECT questionnaire, dimension, reason, count() AS answers FROM low ARRAY JOIN arrayDistinct(reasons) AS reason GROUP BY questionnaire, dimension, reason)
SELECT questionnaire, if(home = dimension, reason, concat(dimension, ':', reason)) AS detail, 100 * answers / n AS value, n
FROM
(
    SELECT named.questionnaire AS questionnaire, toString(named.dimension) AS dimension, named.reason AS reason, named.answers AS answers, sizes.n AS n,
        multiIf(homes.reason != '', homes.dimension, count() OVER (PARTITION BY questionnaire, reason) = 1, dimension, '') AS home
    FROM named
    INNER JOIN (SELECT questionnaire, dimension, count() AS n FROM low GROUP BY questionnaire, dimension) AS sizes
        ON sizes.questionnaire = named.questionnaire AND sizes.dimension = named.dimension
    LEFT JOIN homes ON homes.questionnaire = named.questionnaire AND homes.reason = named.reason
)
ORDER BY questionnaire, detail
