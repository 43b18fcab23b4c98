SELECT '' AS questionnaire, '' AS detail, toFloat64(count()) AS value, count() AS n
FROM rapport.contacts
WHERE {{template "contacts" .}} AND direction = 'inbound'
