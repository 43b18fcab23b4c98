-- What is wrong with whose events. A redelivered dead letter is the same row; one that a replay took counts as accepted, as in data_quality.
CREATE OR REPLACE VIEW rapport.rejections_by_source
(
    tenant   LowCardinality(String)         COMMENT 'Tenant, as far as it could be read',
    source   String                         COMMENT 'Publishing app; empty where it could not be read',
    type     String                         COMMENT 'CloudEvents type; empty where it could not be read',
    reason   LowCardinality(String)         COMMENT 'Why they were refused, a code',
    field    String                         COMMENT 'JSON pointer to what is wrong; empty is the whole event',
    n        UInt64                         COMMENT 'Refused records',
    first_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When the first of them was appended to its topic, UTC; NULL where not known',
    last_at  Nullable(DateTime64(3, 'UTC')) COMMENT 'When the last of them was appended to its topic, UTC; NULL where not known',
    example  String                         COMMENT 'What was found and what is wanted, in words: the first of them in the order of the alphabet'
)
AS SELECT
    tenant, source, type, reason, field, count() AS n,
    minOrNullIf(appended_at, appended_at > toDateTime64(0, 3, 'UTC')) AS first_at,
    maxOrNullIf(appended_at, appended_at > toDateTime64(0, 3, 'UTC')) AS last_at,
    min(detail) AS example
FROM rapport_store.dead_letters FINAL
WHERE (topic, partition, offset) NOT IN (SELECT topic, partition, offset FROM rapport_store.record_states WHERE state = 'accepted')
GROUP BY tenant, source, type, reason, field
COMMENT 'Refused records by publishing app, reason and field: which producer sends what kind of trouble.';
