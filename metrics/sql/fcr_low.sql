SELECT '' AS questionnaire, '' AS detail, 100 * countIf(fcr = 'yes' AND confirmed_at <= {{template "judged"}}) / n AS value, countIf(fcr != '') AS n
FROM rapport.contacts
WHERE {{template "contacts" .}} AND is_first
HAVING n > 0
