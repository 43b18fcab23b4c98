-- What was done later with records that had been set aside. A set of (place, state), since one record may be requeued and then purged; of the
-- same state twice the newest time holds. ORDER BY: the place, to be joined with dead letters.
CREATE TABLE IF NOT EXISTS rapport_store.record_states
(
    topic     LowCardinality(String)                           COMMENT 'Topic of the record',
    partition Int32                                            COMMENT 'Partition of the record',
    offset    Int64                                            COMMENT 'Offset of the record',
    state     LowCardinality(String)                           COMMENT 'requeued: published again; purged: its content is removed; accepted: a replay took it as it is',
    at        DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')     COMMENT 'When, UTC'
)
ENGINE = ReplacingMergeTree(at)
ORDER BY (topic, partition, offset, state)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'What was done with refused and late records after they had been set aside.';
