SELECT questionnaire, '' AS detail, avg(ces) AS value, count(ces) AS n
FROM rapport.survey_responses
WHERE {{template "valid" .}}
GROUP BY questionnaire
HAVING n > 0
ORDER BY questionnaire, detail
