-- How long customers take to come back: where the curve flattens is where a window ends.
CREATE OR REPLACE VIEW rapport.recontact_days
(
    tenant           LowCardinality(String) COMMENT 'Tenant',
    days             UInt32                 COMMENT 'Whole days from a contact to the next one of its chain',
    n                UInt64                 COMMENT 'Contacts that were followed after so many days',
    share            Nullable(Float64)      COMMENT '% of the contacts of the tenant that were followed = 100 * n / their number',
    cumulative_share Nullable(Float64)      COMMENT 'The same of all up to so many days, %'
)
AS SELECT
    tenant, days, n,
    100 * n / sum(n) OVER (PARTITION BY tenant) AS share,
    100 * sum(n) OVER (PARTITION BY tenant ORDER BY days) / sum(n) OVER (PARTITION BY tenant) AS cumulative_share
FROM
(
    SELECT tenant, toUInt32(intDiv(assumeNotNull(next_micros), 86400000000)) AS days, count() AS n
    FROM rapport_store.contact_outcomes FINAL
    WHERE live AND next_micros IS NOT NULL
    GROUP BY tenant, days
)
COMMENT 'Distribution of whole days from a contact to the next one of its chain.';
