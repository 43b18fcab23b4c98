SELECT questionnaire, '' AS detail, 100 * countIf(level IN ('very_satisfied', 'satisfied')) / n AS value, count() AS n
FROM rapport.survey_responses
WHERE {{template "valid" .}}
GROUP BY questionnaire
HAVING count(satisfaction_index) > 0
ORDER BY questionnaire, detail
