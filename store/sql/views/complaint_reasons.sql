-- A Pareto: the few reasons that most complaints have, first.
CREATE OR REPLACE VIEW rapport.complaint_reasons
(
    tenant           LowCardinality(String) COMMENT 'Tenant',
    reason           LowCardinality(String) COMMENT 'Reason; empty where not stated',
    n                UInt64                 COMMENT 'Complaints opened that name it',
    share            Nullable(Float64)      COMMENT '% of the complaints of the tenant = 100 * n / their number',
    cumulative_share Nullable(Float64)      COMMENT 'The same of this reason and all with more complaints, %; of equal ones in the order of names'
)
AS SELECT
    tenant, reason, n,
    100 * n / sum(n) OVER (PARTITION BY tenant) AS share,
    100 * sum(n) OVER (PARTITION BY tenant ORDER BY n DESC, reason ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) / sum(n) OVER (PARTITION BY tenant) AS cumulative_share
FROM
(
    SELECT tenant, reason, count() AS n
    FROM rapport_store.complaint_outcomes FINAL
    WHERE live AND opened_at IS NOT NULL
    GROUP BY tenant, reason
)
COMMENT 'Reasons of complaints with their shares, to be read with the highest n first.';
