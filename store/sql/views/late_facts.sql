-- A redelivered late event is the same row.
CREATE OR REPLACE VIEW rapport.late_facts
(
    tenant      LowCardinality(String) COMMENT 'Whose event it is',
    topic       LowCardinality(String) COMMENT 'Topic of the record',
    partition   Int32                  COMMENT 'Partition of the record',
    offset      Int64                  COMMENT 'Offset of the record',
    appended_at DateTime64(3, 'UTC')   COMMENT 'When the record was appended to its topic, UTC: what the seal horizon is counted back from',
    occurred_at DateTime64(6, 'UTC')   COMMENT 'When it happened, by the producer, UTC',
    source      LowCardinality(String) COMMENT 'Publishing app',
    event_id    String                 COMMENT 'Event id, unique within tenant and source',
    type        LowCardinality(String) COMMENT 'CloudEvents type',
    revision    UInt32                 COMMENT 'Revision as published',
    key         String                 COMMENT 'Key of the record as it came',
    value       String                 COMMENT 'Value of the record as it came',
    headers     Map(String, String)    COMMENT 'Headers of the record as they came'
)
AS SELECT
    tenant, topic, partition, offset, appended_at, occurred_at, source, id AS event_id, type, revision, key, value, headers
FROM rapport_store.late_facts FINAL
COMMENT 'Events from before the seal horizon, each with where it came from: kept and counted, in no figure.';
