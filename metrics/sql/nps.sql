SELECT questionnaire, '' AS detail, 100 * (toInt64(countIf(nps >= 9)) - toInt64(countIf(nps <= 6))) / n AS value, count(nps) AS n
FROM rapport.survey_responses
WHERE {{template "valid" .}}
GROUP BY questionnaire
HAVING n > 0
ORDER BY questionnaire, detail
