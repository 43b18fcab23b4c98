-- Tables with rows of tenants, beside those of erasures and those that are emptied row by row. Alerts go before
-- their deliveries: an alert without deliveries would be sent again.
SELECT table
FROM system.columns
WHERE database = 'rapport_store' AND name = 'tenant'
    AND table IN (SELECT name FROM system.tables WHERE database = 'rapport_store' AND engine LIKE '%MergeTree')
    AND table NOT IN ('erasures', 'erased_events', 'erased_places', 'erased_entities', 'dead_letters', 'late_facts')
ORDER BY table = 'alert_deliveries', table
