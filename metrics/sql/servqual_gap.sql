SELECT questionnaire, dimension AS detail, avg(score - expectation) AS value, count(score - expectation) AS n
FROM rapport.survey_answers
WHERE {{template "valid" .}}
GROUP BY questionnaire, detail
HAVING n > 0
ORDER BY questionnaire, detail
