-- A redelivered dead letter is the same row. What was purged or erased is shown empty even before its removal from the parts has come to an end.
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
    headers     Map(String, String)            COMMENT 'Headers of the record as they came',
    state       LowCardinality(String)         COMMENT 'open; requeued: published again; accepted: a replay took it as it is, so it is no longer counted as rejected; purged: its content was removed, by a purge or an erasure',
    requeued_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When it was last requeued, UTC; NULL where it never was'
)
AS SELECT
    letters.tenant AS tenant, letters.topic AS topic, letters.partition AS partition, letters.offset AS offset,
    if(letters.appended_at = toDateTime64(0, 3, 'UTC'), NULL, letters.appended_at) AS appended_at, letters.received_at AS received_at,
    letters.reason AS reason, letters.field AS field, if(purged, '', letters.detail) AS detail, letters.source AS source, letters.id AS event_id, letters.type AS type,
    if(purged, '', letters.key) AS key, if(purged, '', letters.value) AS value, if(purged, map(), letters.headers) AS headers,
    multiIf(purged, 'purged', accepted, 'accepted', requeued, 'requeued', 'open') AS state, states.requeued_at AS requeued_at
FROM rapport_store.dead_letters AS letters FINAL
LEFT JOIN
(
    SELECT
        topic, partition, offset, max(state = 'purged') AS purged, max(state = 'accepted') AS accepted, max(state = 'requeued') AS requeued,
        maxOrNullIf(at, state = 'requeued') AS requeued_at
    FROM
    (
        SELECT topic, partition, offset, toString(state) AS state, at FROM rapport_store.record_states
        UNION ALL
        SELECT topic, partition, offset, 'purged', toDateTime64(0, 3, 'UTC') FROM rapport_store.erased_places
    )
    GROUP BY topic, partition, offset
) AS states ON states.topic = letters.topic AND states.partition = letters.partition AND states.offset = letters.offset
COMMENT 'Records that could not be used, each with the reason and where it came from.';
