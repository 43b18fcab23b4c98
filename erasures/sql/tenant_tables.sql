-- Tables with rows of tenants, beside those of erasures and those that are emptied row by row. Alerts go before
-- their deliveries: an alert without deliveries would be sent again. What days are ranked by goes after the days, which
-- it would be made of again.
SELECT table
FROM system.columns
WHERE database = 'rapport_store' AND name = 'tenant'
    AND table IN (SELECT name FROM system.tables WHERE database = 'rapport_store' AND engine LIKE '%MergeTree')
    AND table NOT IN ('erasures', 'erased_events', 'erased_places', 'erased_entities', 'dead_letters', 'late_facts')
ORDER BY table IN ('alert_deliveries', 'attribute_values'), table
