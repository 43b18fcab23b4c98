-- given is no name of a column: an alias that is one would be what WHERE asks, and an answer without score would be one of 0.
WITH several AS (SELECT row.1 AS questionnaire, row.2 AS dimension FROM (SELECT arrayJoin({{.Several}}) AS row))
SELECT questionnaire, concat(name, ':', toString(given)) AS detail, 100 * answers / n AS value, n
FROM
(
    SELECT questionnaire, name, given, count() AS answers, sum(answers) OVER (PARTITION BY questionnaire, name) AS n
    FROM
    (
        SELECT questionnaire, toString(item) AS name, assumeNotNull(score) AS given
        FROM rapport.survey_answers
        WHERE {{template "valid" .}} AND score IS NOT NULL
        UNION ALL
        SELECT questionnaire, toString(dimension), assumeNotNull(score)
        FROM rapport.survey_answers
        WHERE {{template "valid" .}} AND score IS NOT NULL AND item != dimension AND (questionnaire, dimension) IN (SELECT questionnaire, dimension FROM several)
    )
    GROUP BY questionnaire, name, given
)
ORDER BY questionnaire, detail
