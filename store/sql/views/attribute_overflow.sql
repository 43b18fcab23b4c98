-- As the sweeping process last counted. A tenant within its caps has a row per attribute too, so that one sees how near it is.
CREATE OR REPLACE VIEW rapport.attribute_overflow
(
    tenant        LowCardinality(String) COMMENT 'Tenant',
    attribute     LowCardinality(String) COMMENT 'Attribute, or a pair as region,product',
    values        UInt64                 COMMENT 'Distinct values, the empty one left out',
    cap           UInt64                 COMMENT 'attribute_cap of the tenant: how many are shown',
    beyond        UInt64                 COMMENT 'Values that are shown as other',
    events        UInt64                 COMMENT 'Responses, contacts, cases and complaints with a value',
    events_beyond UInt64                 COMMENT 'Of these shown under other',
    computed_at   DateTime64(3, 'UTC')   COMMENT 'When it was counted, UTC'
)
AS SELECT tenant, cut AS attribute, values, cap, beyond, n AS events, n_beyond AS events_beyond, computed_at
FROM rapport_store.attribute_values FINAL
COMMENT 'How many values each attribute has, and what lies beyond the cap of its tenant.';
