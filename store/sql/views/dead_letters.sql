-- A redelivered dead letter is the same row.
CREATE OR REPLACE VIEW rapport.dead_letters
(
    tenant      LowCardinality(String)         COMMENT 'Whose event it is, as far as it could be read',
    topic       LowCardinality(String)         COMMENT 'Topic of the refused record',
    partition   Int32                          COMMENT 'Partition of the refused record',
    offset      Int64                          COMMENT 'Offset of the refused record',
    appended_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When the record was appended to its topic, UTC; NULL where not known',
    received_at DateTime64(3, 'UTC')           COMMENT 'When the dead letter was stored, UTC',
    reason      LowCardinality(String)         COMMENT 'Why it was refused, a code',
    field       String                         COMMENT 'JSON pointer to what is wrong; empty is the whole event',
    detail      String                         COMMENT 'What was found and what is wanted, in words',
    source      String                         COMMENT 'Publishing app, as far as it could be read',
    event_id    String                         COMMENT 'Event id, as far as it could be read',
    type        String                         COMMENT 'CloudEvents type, as far as it could be read',
    key         String                         COMMENT 'Key of the record as it came',
    value       String                         COMMENT 'Value of the record as it came',
    headers     Map(String, String)            COMMENT 'Headers of the record as they came'
)
AS SELECT
    tenant, topic, partition, offset, if(appended_at = toDateTime64(0, 3, 'UTC'), NULL, appended_at) AS appended_at, received_at, reason, field, detail,
    source, id AS event_id, type, key, value, headers
FROM rapport_store.dead_letters FINAL
COMMENT 'Records that could not be used, each with the reason and where it came from.';
