SELECT questionnaire, item AS detail, avg(score_100) AS value, count(score_100) AS n
FROM rapport.survey_answers
WHERE {{template "valid" .}}
GROUP BY questionnaire, detail
HAVING n > 0
ORDER BY questionnaire, detail
