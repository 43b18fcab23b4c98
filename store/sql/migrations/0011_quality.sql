-- What producers send, counted by source in a way that no redelivery can change, and which values of attributes are shown.

-- Accepted records by who sent them and how late they were, as sets of offsets. A set has no counts that could be added twice: a batch that
-- is read again, under whatever other boundaries, adds members that are there.
-- Offsets are held by blocks of 65,536, the unit of a roaring bitmap, so a block takes 8 KiB at most however its sources interleave.
-- ORDER BY: what is grouped by when it is read comes first; the block last, so that a merge leaves one row for each.
-- within is a class and not a figure: quantiles of lateness come from counts of classes, the largest lateness is kept beside it.
CREATE TABLE IF NOT EXISTS rapport_store.deliveries
(
    tenant     LowCardinality(String)                      COMMENT 'Whose events they are',
    source     LowCardinality(String)                      COMMENT 'Publishing app, a URI reference',
    type       LowCardinality(String)                      COMMENT 'CloudEvents type',
    within     UInt32                                      COMMENT 'Class of lateness: appended at most so many seconds after the event''s time; 0 for no later than it, 4294967295 for beyond the last class',
    topic      LowCardinality(String)                      COMMENT 'Topic',
    partition  Int32                                       COMMENT 'Partition',
    block      Int64                                       COMMENT 'Offset / 65536, rounded down',
    records    AggregateFunction(groupBitmap, UInt16)      COMMENT 'Offsets within the block that were accepted',
    strange    AggregateFunction(groupBitmap, UInt16)      COMMENT 'Of these the ones with fields that the contract does not know',
    latest     SimpleAggregateFunction(max, Int64)         COMMENT 'Largest lateness among them, microseconds; negative where all are ahead of their append'
)
ENGINE = AggregatingMergeTree
ORDER BY (tenant, source, type, within, topic, partition, block)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Which accepted record came from whom, and how late.';

-- Clients cannot send states of aggregate functions: they send offsets, and the view makes the sets.
CREATE TABLE IF NOT EXISTS rapport_store.deliveries_in
(
    tenant     String           COMMENT 'Whose events they are',
    source     String           COMMENT 'Publishing app, a URI reference',
    type       String           COMMENT 'CloudEvents type',
    within     UInt32           COMMENT 'Class of lateness, seconds',
    topic      String           COMMENT 'Topic',
    partition  Int32            COMMENT 'Partition',
    block      Int64            COMMENT 'Offset / 65536, rounded down',
    records    Array(UInt16)    COMMENT 'Offsets within the block that were accepted',
    strange    Array(UInt16)    COMMENT 'Of these the ones with fields that the contract does not know',
    latest     Int64            COMMENT 'Largest lateness among them, microseconds'
)
ENGINE = Null
COMMENT 'Keeps nothing: what is written here goes to deliveries.';

CREATE MATERIALIZED VIEW IF NOT EXISTS rapport_store.deliveries_made TO rapport_store.deliveries
(
    tenant     LowCardinality(String)                      COMMENT 'Whose events they are',
    source     LowCardinality(String)                      COMMENT 'Publishing app, a URI reference',
    type       LowCardinality(String)                      COMMENT 'CloudEvents type',
    within     UInt32                                      COMMENT 'Class of lateness, seconds',
    topic      LowCardinality(String)                      COMMENT 'Topic',
    partition  Int32                                       COMMENT 'Partition',
    block      Int64                                       COMMENT 'Offset / 65536, rounded down',
    records    AggregateFunction(groupBitmap, UInt16)      COMMENT 'Offsets within the block that were accepted',
    strange    AggregateFunction(groupBitmap, UInt16)      COMMENT 'Of these the ones with fields that the contract does not know',
    latest     SimpleAggregateFunction(max, Int64)         COMMENT 'Largest lateness among them, microseconds'
)
AS SELECT tenant, source, type, within, topic, partition, block, bitmapBuild(records) AS records, bitmapBuild(strange) AS strange, latest
FROM rapport_store.deliveries_in
COMMENT 'Feeds deliveries.';

-- ORDER BY: one row per tenant and cut, replaced whole, so that a reader never sees half of a ranking. Its version is a clock, which is good enough
-- for what is shown: nothing is computed from it, and the same figures give the same row.
CREATE TABLE IF NOT EXISTS rapport_store.attribute_values
(
    tenant      LowCardinality(String)     COMMENT 'Tenant',
    cut         LowCardinality(String)     COMMENT 'Attribute, or a pair as region,product',
    values      UInt64                     COMMENT 'Distinct values, the empty one left out',
    cap         UInt64                     COMMENT 'attribute_cap of the tenant when this was written',
    beyond      UInt64                     COMMENT 'Values that are shown as other',
    n           UInt64                     COMMENT 'Responses, contacts, cases and complaints with a value',
    n_beyond    UInt64                     COMMENT 'Of these with a value that is shown as other',
    kept        Array(String)              COMMENT 'Values that are shown, where some are not: those with the most events, ties by value; else empty',
    computed_at DateTime64(3, 'UTC')       COMMENT 'When it was computed; the last one holds'
)
ENGINE = ReplacingMergeTree(computed_at)
ORDER BY (tenant, cut)
COMMENT 'How many values each attribute of a tenant has, and which are shown where they are more than its cap.';
