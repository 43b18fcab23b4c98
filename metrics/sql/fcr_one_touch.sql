SELECT '' AS questionnaire, '' AS detail, 100 * countIf(episode = 1 AND resolved = true) / n AS value, count() AS n
FROM rapport_store.contact_outcomes FINAL
WHERE live AND {{template "contacts" .}} AND is_first
HAVING n > 0
