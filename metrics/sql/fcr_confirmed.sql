SELECT '' AS questionnaire, '' AS detail, 100 * countIf(fcr = 'yes') / n AS value, countIf(fcr != '') AS n
FROM rapport.contacts
WHERE {{template "contacts" .}} AND is_first AND confirmed_at <= {{template "judged"}}
HAVING n > 0
