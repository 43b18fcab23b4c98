SELECT questionnaire, '' AS detail, avg(satisfaction_index) AS value, count(satisfaction_index) AS n
FROM rapport.survey_responses
WHERE {{template "valid" .}}
GROUP BY questionnaire
HAVING n > 0
ORDER BY questionnaire, detail
