SELECT '' AS questionnaire, '' AS detail, 100 * countIf(in_service_level) / n AS value, count() AS n
FROM rapport_store.contact_outcomes FINAL
WHERE {{template "contacts" .}} AND direction = 'inbound' AND live
HAVING n > 0
