SELECT '' AS questionnaire, '' AS detail, 100 * countIf(resolved_first_contact = true) / n AS value, count(resolved_first_contact) AS n
FROM rapport.survey_responses
WHERE {{template "valid" .}}
HAVING n > 0
