-- Moves of the greatest gain first, as many of each as there is room for. value is NULL where all together do not reach the target.
WITH
    targets AS (SELECT row.1 AS questionnaire, row.2 AS version, row.3 AS metric, row.4 AS detail, row.5 AS target FROM (SELECT arrayJoin({{.Targets}}) AS row)),
    -- What one point more for an item adds to the score of its dimension, and to the index.
    items AS (SELECT row.1 AS questionnaire, row.2 AS version, row.3 AS item, row.4 AS dimension, row.5 AS most, row.6 AS dimension_gain, row.7 AS index_gain
        FROM (SELECT arrayJoin({{.Items}}) AS row)),
    newest AS
    (
        SELECT questionnaire, toString(max(questionnaire_version)) AS version
        FROM rapport.survey_responses
        WHERE {{template "valid" .}}
        GROUP BY questionnaire
    ),
    sums AS
    (
        SELECT questionnaire, 'satisfaction_index' AS metric, '' AS detail, toFloat64(sum(satisfaction_index)) AS total, count(satisfaction_index) AS n
        FROM rapport.survey_responses
        WHERE {{template "valid" .}}
        GROUP BY questionnaire
        UNION ALL
        SELECT questionnaire, 'dimension_score', dimension, sum(num / den), count()
        FROM rapport_store.survey_facts FINAL
        ARRAY JOIN `dimensions.dimension` AS dimension, `dimensions.num` AS num, `dimensions.den` AS den
        WHERE NOT retracted AND NOT superseded AND den > 0 AND {{template "valid" .}}
        GROUP BY questionnaire, dimension
    ),
    needs AS
    (
        SELECT targets.questionnaire AS questionnaire, targets.detail AS detail, targets.target * sums.n - ifNull(sums.total, 0) AS need, sums.n AS n
        FROM targets
        INNER JOIN newest ON newest.questionnaire = targets.questionnaire AND newest.version = targets.version
        INNER JOIN sums ON sums.questionnaire = targets.questionnaire AND sums.metric = targets.metric AND sums.detail = targets.detail
        WHERE targets.metric IN ('satisfaction_index', 'dimension_score') AND n > 0
    ),
    rooms AS
    (
        SELECT answers.questionnaire AS questionnaire, toString(answers.questionnaire_version) AS version, toString(answers.item) AS item, any(items.dimension) AS dimension,
            any(items.dimension_gain) AS dimension_gain, any(items.index_gain) AS index_gain, toInt64(sum(items.most - assumeNotNull(answers.score))) AS room
        FROM (SELECT * FROM rapport.survey_answers WHERE {{template "valid" .}} AND score IS NOT NULL) AS answers
        INNER JOIN items ON items.questionnaire = answers.questionnaire AND items.version = answers.questionnaire_version AND items.item = answers.item
        GROUP BY questionnaire, version, item
    ),
    moves AS
    (
        SELECT questionnaire, version, item, detail, gain, room,
            ifNull(sum(gain * room) OVER (PARTITION BY questionnaire, detail ORDER BY gain DESC, version, item ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
        FROM
        (
            SELECT questionnaire, version, item, '' AS detail, index_gain AS gain, room FROM rooms
            UNION ALL
            SELECT questionnaire, version, item, dimension, dimension_gain, room FROM rooms
        )
        WHERE gain > 0 AND room > 0
    )
SELECT questionnaire, detail, if(reach < need - 1e-9, NULL, taken) AS value, n
FROM
(
    SELECT needs.questionnaire AS questionnaire, needs.detail AS detail, any(needs.need) AS need, any(needs.n) AS n, sum(moves.gain * moves.room) AS reach,
        sum(if(moves.gain > 0, least(toFloat64(moves.room), greatest(0., ceil((needs.need - moves.before) / moves.gain - 1e-9))), 0)) AS taken
    FROM needs
    LEFT JOIN moves ON moves.questionnaire = needs.questionnaire AND moves.detail = needs.detail
    GROUP BY questionnaire, detail
)
ORDER BY questionnaire, detail
