SELECT questionnaire, name AS detail, 100 * answers / n AS value, n
FROM
(
    SELECT questionnaire, count() AS n,
        ['very_satisfied', 'satisfied', 'neutral', 'dissatisfied', 'very_dissatisfied'] AS names,
        [countIf(level = 'very_satisfied'), countIf(level = 'satisfied'), countIf(level = 'neutral'), countIf(level = 'dissatisfied'), countIf(level = 'very_dissatisfied')] AS counts
    FROM rapport.survey_responses
    WHERE {{template "valid" .}}
    GROUP BY questionnaire
    HAVING count(satisfaction_index) > 0
)
ARRAY JOIN names AS name, counts AS answers
ORDER BY questionnaire, detail
