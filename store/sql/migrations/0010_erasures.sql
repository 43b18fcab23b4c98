-- Erasures: which customers and tenants were taken out, and what keeps their events out. No table here names a customer.

-- What of an event stays once it is erased: a hash, so that it is not stored again, whatever revision of it comes back, and how often it had
-- come, so that the accounting still adds up. ORDER BY: asked for by tenant and hash, and an erasure that is under way must not replace
-- what one before has found; version: the highest count, since an erasure that is
-- run again may find fewer deliveries than it did at first. Not partitioned: what keeps events out has no age.
CREATE TABLE IF NOT EXISTS rapport_store.erased_events
(
    tenant    LowCardinality(String) COMMENT 'Whose event it was',
    event     FixedString(16)        COMMENT 'First half of the SHA-256 of tenant, source and id, each but the last after its length and a colon',
    type      LowCardinality(String) COMMENT 'CloudEvents type',
    identity  UInt64                 COMMENT 'cityHash64(source, id), as in identities',
    revisions UInt32                 COMMENT 'Distinct revisions that were accepted; 0 where the event was only ever refused or late',
    contents  UInt32                 COMMENT 'Distinct revisions and contents that were accepted',
    source    LowCardinality(String) COMMENT 'Publishing app that contents are counted for; empty where all of the tenant was erased',
    erasure   String                 COMMENT 'Erasure that found it: what one finds counts once it is no longer seeking'
)
ENGINE = ReplacingMergeTree(contents)
ORDER BY (tenant, event, type, erasure)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Hashes of erased events: they are not stored again.';

-- ORDER BY: the place, as in dead_letters and late_facts, whose rows stay for the accounting.
CREATE TABLE IF NOT EXISTS rapport_store.erased_places
(
    topic     LowCardinality(String) COMMENT 'Topic of the record',
    partition Int32                  COMMENT 'Partition of the record',
    offset    Int64                  COMMENT 'Offset of the record',
    tenant    LowCardinality(String) COMMENT 'Tenant that the row still shows; empty where all of a tenant was erased',
    erasure   String                 COMMENT 'Erasure that found it; empty where the sweeper did'
)
ENGINE = ReplacingMergeTree
ORDER BY (topic, partition, offset, erasure)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Refused and late records whose content was erased: it is not stored again.';

-- Outcomes of these are taken away and computed again from what facts are left, also when a process that slept through the erasure writes one
-- late. ORDER BY: asked for by tenant and kind.
CREATE TABLE IF NOT EXISTS rapport_store.erased_entities
(
    tenant  LowCardinality(String) COMMENT 'Whose it was',
    kind    LowCardinality(String) COMMENT 'case, complaint or chain, or contacts for a case that contacts named',
    entity  FixedString(16)        COMMENT 'First half of the SHA-256 of tenant and id, the tenant after its length and a colon; of a chain with the key of the erasure before',
    erasure String                 COMMENT 'Erasure that found it'
)
ENGINE = ReplacingMergeTree
ORDER BY (tenant, kind, entity, erasure)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Hashes of cases and complaints that erased events belonged to.';

-- ORDER BY: one row an erasure; each step of it replaces. An erasure that is under way names the cases and days it is to have computed again, and the key of
-- its hash; once done it does not, and the table is merged at once so that no part remembers.
CREATE TABLE IF NOT EXISTS rapport_store.erasures
(
    id         String                COMMENT 'Erasure',
    tenant     LowCardinality(String) COMMENT 'Tenant',
    scope      LowCardinality(String) COMMENT 'customer or tenant',
    subject    String                COMMENT 'HMAC-SHA-256 of the customer id under the key of the erasure, hexadecimal; empty for a tenant',
    key        String                COMMENT 'Key of the hash, hexadecimal, while the erasure is under way; then the receipt alone has it',
    state      LowCardinality(String) COMMENT 'seeking, taking or done',
    step       UInt64                COMMENT 'Rises with every change of the row',
    begun_at   DateTime64(3, 'UTC')  COMMENT 'When it was asked for',
    changed_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When the row was written, by the clock of the database',
    work       String                COMMENT 'While under way: what is to be computed again, as JSON',
    receipt    String                COMMENT 'What was found and taken away, as JSON; empty until it is done'
)
ENGINE = ReplacingMergeTree(step)
ORDER BY id
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Erasures with their receipts; read with FINAL.';
