-- Tenants with more than two million responses. Nearly every response of theirs has a combination of attributes of its own: to group them takes
-- twenty times as long as to read them, and saves a reader next to nothing. satisfaction_daily shows their responses as they are, a row each.
-- Read from rollups: a row a day, so that asking costs a few milliseconds.
CREATE OR REPLACE VIEW rapport_store.tenants_ungrouped
(
    tenant LowCardinality(String) COMMENT 'Tenant'
)
AS SELECT tenant
FROM rapport_store.satisfaction_days FINAL
WHERE cut = ''
GROUP BY tenant
HAVING sum(arraySum(`cells.n`)) > 2000000
COMMENT 'Tenants whose responses satisfaction_daily does not group.';
