SELECT '' AS questionnaire, if(days_to_next >= 30, '30+', toString(assumeNotNull(days_to_next))) AS detail, 100 * count() / n AS value, sum(count()) OVER () AS n
FROM rapport.contacts
WHERE {{template "contacts" .}} AND days_to_next IS NOT NULL
GROUP BY detail
ORDER BY detail
