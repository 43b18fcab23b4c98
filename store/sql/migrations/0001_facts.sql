-- Facts, what was set aside, and the counts that prove nothing was lost.

-- ORDER BY: the identity of an event, (tenant, source, id), with its hour before it, so that a recomputed bucket reads one short run of
-- granules, and so that FINAL compares neighbours. The hour is part of the key because a sort key must not change between versions of a row.
-- PARTITION BY month: hour is in the key, so all versions of a key share a partition; retention drops whole months; a live insert touches one.
-- version: revision, then payload hash: content alone, so the same row wins in whatever order the deliveries came.
-- A retraction is a row like others: if it hid its key, a day that holds nothing but retractions would look like a day without facts.
CREATE TABLE IF NOT EXISTS rapport_store.survey_facts
(
    tenant                 LowCardinality(String)           COMMENT 'Whose event it is',
    hour                   DateTime('UTC')                  COMMENT 'occurred_at cut to the hour',
    source                 LowCardinality(String)           COMMENT 'Publishing app, a URI reference',
    id                     String                           COMMENT 'Event id, unique within tenant and source',
    revision               UInt32                           COMMENT 'Revision as published; a higher one replaces',
    payload                UInt64                           COMMENT 'Hash of the content; decides between deliveries of one revision',
    retracted              Bool                             COMMENT 'The event was taken back by this revision',
    occurred_at            DateTime64(6, 'UTC')             COMMENT 'When it happened, by the producer',
    questionnaire          LowCardinality(String)           COMMENT 'Questionnaire id',
    questionnaire_version  LowCardinality(String)           COMMENT 'Version that scored the response',
    invitation_id          String                           COMMENT 'Invitation that was answered, or empty',
    customer_id            String                           COMMENT 'Customer, or empty',
    role                   LowCardinality(String)           COMMENT 'customer, employee, manager or mystery_shopper',
    case_id                String                           COMMENT 'Case, or empty',
    contact_id             String                           COMMENT 'Contact, or empty',
    region                 LowCardinality(String)           COMMENT 'Attribute as of the event, or empty',
    org_unit               LowCardinality(String)           COMMENT 'Attribute as of the event, or empty',
    product                LowCardinality(String)           COMMENT 'Attribute as of the event, or empty',
    service                LowCardinality(String)           COMMENT 'Attribute as of the event, or empty',
    channel                LowCardinality(String)           COMMENT 'Attribute as of the event, or empty',
    segment                LowCardinality(String)           COMMENT 'Attribute as of the event, or empty',
    agent                  LowCardinality(String)           COMMENT 'Attribute as of the event, or empty',
    labels                 Map(String, String)              COMMENT 'Free pairs for drill-down, never a cut',
    valid                  Bool                             COMMENT 'Meets the validity rule of the questionnaire',
    index_num              Int64                            COMMENT 'Satisfaction index, numerator; num / den lies in 0..100',
    index_den              Int64                            COMMENT 'Satisfaction index, denominator; 0 where there is no index',
    level                  LowCardinality(String)           COMMENT 'Level of the index, or empty where there is none',
    nps                    Nullable(Int8)                   COMMENT 'Likelihood to recommend, 0..10',
    ces                    Nullable(Int8)                   COMMENT 'Ease, 1..7, higher is easier',
    repurchase             Nullable(Int8)                   COMMENT 'Intent to buy again, 1..5',
    resolved_first_contact Nullable(Bool)                   COMMENT 'Whether the customer says the issue was resolved at first contact',
    comment                String                           COMMENT 'Free text, or empty',
    scale_zero             Int16                            COMMENT 'Score that counts as 0 of 100',
    scale_span             Int16                            COMMENT 'Scores from 0 to 100: score_100 = (score - scale_zero) * 100 / scale_span',
    `answers.item`         Array(LowCardinality(String))    COMMENT 'Answered items, in the order of the questionnaire',
    `answers.dimension`    Array(LowCardinality(String))    COMMENT 'Dimension of each item',
    `answers.score`        Array(Nullable(Int16))           COMMENT 'Score of each item, in scale points',
    `answers.expectation`  Array(Nullable(Int16))           COMMENT 'Expectation of each item, in scale points',
    `answers.importance`   Array(Nullable(Int16))           COMMENT 'Stated importance of each item, in scale points',
    `answers.reasons`      Array(Array(String))             COMMENT 'Reason codes of each item',
    `answers.comment`      Array(String)                    COMMENT 'Free text of each item, or empty',
    `dimensions.dimension` Array(LowCardinality(String))    COMMENT 'Dimensions with at least one answered item, of a valid response',
    `dimensions.num`       Array(Int64)                     COMMENT 'Score of each dimension, numerator; num / den lies in 0..100',
    `dimensions.den`       Array(Int64)                     COMMENT 'Score of each dimension, denominator',
    version                UInt128 MATERIALIZED bitOr(bitShiftLeft(toUInt128(revision), 64), toUInt128(payload)) COMMENT 'revision * 2^64 + payload: the row with the highest one holds',
    superseded             Bool DEFAULT false               COMMENT 'Set by the sweeper: the same id holds under another hour, with this revision and payload'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(hour)
ORDER BY (tenant, hour, source, id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Survey responses as scored, every delivery; read with FINAL.';

-- The same shape and reasons as survey_facts.
CREATE TABLE IF NOT EXISTS rapport_store.invitation_facts
(
    tenant        LowCardinality(String)   COMMENT 'Whose event it is',
    hour          DateTime('UTC')          COMMENT 'occurred_at cut to the hour',
    source        LowCardinality(String)   COMMENT 'Publishing app, a URI reference',
    id            String                   COMMENT 'Event id, unique within tenant and source',
    revision      UInt32                   COMMENT 'Revision as published; a higher one replaces',
    payload       UInt64                   COMMENT 'Hash of the content; decides between deliveries of one revision',
    retracted     Bool                     COMMENT 'The event was taken back by this revision',
    occurred_at   DateTime64(6, 'UTC')     COMMENT 'When it happened, by the producer',
    questionnaire LowCardinality(String)   COMMENT 'Questionnaire id',
    invitation_id String                   COMMENT 'Invitation, or empty',
    customer_id   String                   COMMENT 'Customer, or empty',
    case_id       String                   COMMENT 'Case, or empty',
    region        LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    org_unit      LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    product       LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    service       LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    channel       LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    segment       LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    agent         LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    labels        Map(String, String)      COMMENT 'Free pairs for drill-down, never a cut',
    version       UInt128 MATERIALIZED bitOr(bitShiftLeft(toUInt128(revision), 64), toUInt128(payload)) COMMENT 'revision * 2^64 + payload: the row with the highest one holds',
    superseded    Bool DEFAULT false       COMMENT 'Set by the sweeper: the same id holds under another hour, with this revision and payload'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(hour)
ORDER BY (tenant, hour, source, id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Survey invitations, every delivery; read with FINAL.';

-- A set: all columns are the key, so a redelivery changes nothing and no version is needed.
-- ORDER BY: hour comes last, so that the deliveries of one id lie together whatever hours they name: one pass in order finds ids under two
-- hours, revisions and conflicts without a hash table. PARTITION BY month, so that it can be dropped together with the facts.
CREATE TABLE IF NOT EXISTS rapport_store.identities
(
    tenant   LowCardinality(String)   COMMENT 'Whose event it is',
    type     LowCardinality(String)   COMMENT 'CloudEvents type',
    identity UInt64                   COMMENT 'cityHash64(source, id)',
    revision UInt32                   COMMENT 'Revision as published',
    payload  UInt64                   COMMENT 'Hash of the content, the time included',
    hour     DateTime('UTC')          COMMENT 'Hour of the fact'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(hour)
ORDER BY (tenant, type, identity, revision, payload, hour)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Every distinct delivery of every id: what tells duplicates, revisions and conflicts apart.';

CREATE MATERIALIZED VIEW IF NOT EXISTS rapport_store.survey_identities TO rapport_store.identities
(
    tenant   LowCardinality(String)   COMMENT 'Whose event it is',
    type     LowCardinality(String)   COMMENT 'CloudEvents type',
    identity UInt64                   COMMENT 'cityHash64(source, id)',
    revision UInt32                   COMMENT 'Revision as published',
    payload  UInt64                   COMMENT 'Hash of the content, the time included',
    hour     DateTime('UTC')          COMMENT 'Hour of the fact'
)
AS SELECT tenant, 'rapport.survey.response.v1' AS type, cityHash64(source, id) AS identity, revision, payload, hour
FROM rapport_store.survey_facts WHERE NOT superseded
COMMENT 'Feeds identities from survey_facts; what the sweeper wrote is no delivery.';

CREATE MATERIALIZED VIEW IF NOT EXISTS rapport_store.invitation_identities TO rapport_store.identities
(
    tenant   LowCardinality(String)   COMMENT 'Whose event it is',
    type     LowCardinality(String)   COMMENT 'CloudEvents type',
    identity UInt64                   COMMENT 'cityHash64(source, id)',
    revision UInt32                   COMMENT 'Revision as published',
    payload  UInt64                   COMMENT 'Hash of the content, the time included',
    hour     DateTime('UTC')          COMMENT 'Hour of the fact'
)
AS SELECT tenant, 'rapport.survey.invitation.v1' AS type, cityHash64(source, id) AS identity, revision, payload, hour
FROM rapport_store.invitation_facts WHERE NOT superseded
COMMENT 'Feeds identities from invitation_facts; what the sweeper wrote is no delivery.';

-- ORDER BY: where the record came from, so that a redelivery is the same row. PARTITION BY month of the append time, which never changes
-- for an offset: old months can be dropped whole. The same holds for dead_letters.
CREATE TABLE IF NOT EXISTS rapport_store.late_facts
(
    topic       LowCardinality(String)          COMMENT 'Topic of the record',
    partition   Int32                           COMMENT 'Partition of the record',
    offset      Int64                           COMMENT 'Offset of the record',
    tenant      LowCardinality(String)          COMMENT 'Whose event it is',
    source      LowCardinality(String)          COMMENT 'Publishing app, a URI reference',
    id          String                          COMMENT 'Event id',
    type        LowCardinality(String)          COMMENT 'CloudEvents type',
    revision    UInt32                          COMMENT 'Revision as published',
    occurred_at DateTime64(6, 'UTC')            COMMENT 'When it happened, by the producer',
    appended_at DateTime64(3, 'UTC')            COMMENT 'When the record was appended to the log',
    key         String                          COMMENT 'Key of the record as it came',
    value       String           COMMENT 'Value of the record as it came' CODEC(ZSTD(3)),
    headers     Map(String, String)             COMMENT 'Headers of the record as they came'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(appended_at)
ORDER BY (topic, partition, offset)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Events from before the seal horizon: kept and counted, in no figure.';

CREATE TABLE IF NOT EXISTS rapport_store.dead_letters
(
    topic       LowCardinality(String)          COMMENT 'Topic of the refused record',
    partition   Int32                           COMMENT 'Partition of the refused record',
    offset      Int64                           COMMENT 'Offset of the refused record',
    appended_at DateTime64(3, 'UTC')            COMMENT 'When the record was appended to its topic; 1970 where not known',
    reason      LowCardinality(String)          COMMENT 'Why it was refused, a code',
    field       String                          COMMENT 'JSON pointer to what is wrong; empty is the whole event',
    detail      String                          COMMENT 'What was found and what is wanted, in words',
    tenant      LowCardinality(String)          COMMENT 'Whose event it is, as far as it could be read',
    source      String                          COMMENT 'Publishing app, as far as it could be read',
    id          String                          COMMENT 'Event id, as far as it could be read',
    type        String                          COMMENT 'CloudEvents type, as far as it could be read',
    key         String                          COMMENT 'Key of the record as it came',
    value       String           COMMENT 'Value of the record as it came' CODEC(ZSTD(3)),
    headers     Map(String, String)             COMMENT 'Headers of the record as they came',
    received_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When it was stored here'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(appended_at)
ORDER BY (topic, partition, offset)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Records that could not be used, with the reason and where they came from.';

-- A set of ranges: all columns are the key; what counts is the length of their union. Not partitioned: a row per batch and verdict.
CREATE TABLE IF NOT EXISTS rapport_store.consumed
(
    topic     LowCardinality(String)   COMMENT 'Topic',
    partition Int32                    COMMENT 'Partition',
    verdict   LowCardinality(String)   COMMENT 'accepted, rejected or late',
    first     Int64                    COMMENT 'First offset of the range',
    last      Int64                    COMMENT 'Last offset of the range, inclusive'
)
ENGINE = ReplacingMergeTree
ORDER BY (topic, partition, verdict, first, last)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Which offsets got which verdict. Ranges may overlap after a redelivery.';

-- A set, like consumed.
CREATE TABLE IF NOT EXISTS rapport_store.offset_gaps
(
    topic      LowCardinality(String)                           COMMENT 'Topic',
    partition  Int32                                            COMMENT 'Partition',
    from       Int64                                            COMMENT 'First offset that could not be read',
    to         Int64                                            COMMENT 'First offset that could be read again',
    noticed_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')     COMMENT 'When a consumer noticed'
)
ENGINE = ReplacingMergeTree
ORDER BY (topic, partition, from, to)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Offsets that were gone before they were read, by retention or deletion: events that are lost to rapport.';

-- ORDER BY: one row per partition. Its version is a clock, which is good enough for a lag that is shown; nothing is computed from it.
CREATE TABLE IF NOT EXISTS rapport_store.progress
(
    topic     LowCardinality(String)   COMMENT 'Topic',
    partition Int32                    COMMENT 'Partition',
    committed Int64                    COMMENT 'Next offset to read, as committed; the first offset there is where none is',
    end       Int64                    COMMENT 'Offset that the next appended record will get',
    as_of     DateTime64(3, 'UTC')     COMMENT 'When both were looked up; looked up again without a change, nothing is written'
)
ENGINE = ReplacingMergeTree(as_of)
ORDER BY (topic, partition)
COMMENT 'How far each partition has been processed.';

-- ORDER BY: one row per tenant; a newer epoch of the tenant's settings replaces.
CREATE TABLE IF NOT EXISTS rapport_store.tenants
(
    tenant    String   COMMENT 'Tenant',
    time_zone String   COMMENT 'IANA name of the time zone its days are of',
    epoch     UInt64   COMMENT 'Rises whenever the settings of the tenant change'
)
ENGINE = ReplacingMergeTree(epoch)
ORDER BY tenant
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Tenants with settings of their own; the days of all others are of UTC.';

-- A set of all definitions a version ever had; the one registered last holds. ORDER BY: by version, to compare its definitions.
CREATE TABLE IF NOT EXISTS rapport_store.questionnaires
(
    id            LowCardinality(String)   COMMENT 'Questionnaire id',
    version       LowCardinality(String)   COMMENT 'Version of the questionnaire',
    fingerprint   FixedString(64)          COMMENT 'SHA-256 of the definition, hexadecimal',
    definition    String                   COMMENT 'What scoring depends on, in the keys of a questionnaire file; equal definitions read the same',
    registered_at DateTime64(6, 'UTC')     COMMENT 'When a process began to score by it; of several, the last one holds'
)
ENGINE = ReplacingMergeTree(registered_at)
ORDER BY (id, version, fingerprint)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Questionnaires that responses are scored by: a version once used is not changed.';

-- ORDER BY: by day, to be read per tenant; each finding is a row of its own.
CREATE TABLE IF NOT EXISTS rapport_store.audit_mismatches
(
    tenant     LowCardinality(String)                           COMMENT 'Tenant',
    day        Date32                                           COMMENT 'Day of the tenant''s time zone',
    rollup     LowCardinality(String)                           COMMENT 'Table whose row differed from the facts',
    detail     String                                           COMMENT 'What differed, in words',
    noticed_at DateTime64(6, 'UTC') DEFAULT now64(6, 'UTC')     COMMENT 'When the sweeper noticed'
)
ENGINE = ReplacingMergeTree
ORDER BY (tenant, day, rollup, noticed_at)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Days whose stored figures differed from their facts with nothing pending: must stay empty.';
