-- Facts of contacts, milestones and complaints: by time like survey_facts, and once more by the chain, case or complaint they belong to.

-- The entity of a fact is the last part of its key. An event's keys never change, so it adds no rows; but two events that break that rule under
-- one id are then two rows, as two hours are, of which the sweeper settles one, in this table and in the one sorted by entity alike.
CREATE TABLE IF NOT EXISTS rapport_store.contact_facts
(
    tenant        LowCardinality(String)   COMMENT 'Whose event it is',
    hour          DateTime('UTC')          COMMENT 'occurred_at cut to the hour',
    source        LowCardinality(String)   COMMENT 'Publishing app, a URI reference',
    id            String                   COMMENT 'Event id, unique within tenant and source',
    revision      UInt32                   COMMENT 'Revision as published; a higher one replaces',
    payload       UInt64                   COMMENT 'Hash of the content; decides between deliveries of one revision',
    retracted     Bool                     COMMENT 'The event was taken back by this revision',
    occurred_at   DateTime64(6, 'UTC')     COMMENT 'When it happened, by the producer',
    chain         String                   COMMENT 'Contacts of one chain are about one issue of one customer: customer=ID&issue=NAME, customer=ID, case=ID, or contact=ID&source=URI for one by itself; URL-escaped',
    customer_id   String                   COMMENT 'Customer, or empty',
    issue         LowCardinality(String)   COMMENT 'Issue, or empty',
    case_id       String                   COMMENT 'Case, or empty',
    region        LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    org_unit      LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    product       LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    service       LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    channel       LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    segment       LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    agent         LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    labels        Map(String, String)      COMMENT 'Free pairs for drill-down, never a cut',
    direction     LowCardinality(String)   COMMENT 'inbound or outbound',
    answered      Bool                     COMMENT 'Whether somebody answered',
    resolved      Nullable(Bool)           COMMENT 'Whether the publishing app says the issue was resolved; NULL where it does not say',
    wait_micros   Nullable(Int64)          COMMENT 'Wait until answered or given up, microseconds',
    talk_micros   Nullable(Int64)          COMMENT 'Talk, microseconds',
    hold_micros   Nullable(Int64)          COMMENT 'Hold, microseconds',
    wrap_micros   Nullable(Int64)          COMMENT 'Work after the contact, microseconds',
    transferred   Bool                     COMMENT 'Whether it was passed on to somebody else',
    version       UInt128 MATERIALIZED bitOr(bitShiftLeft(toUInt128(revision), 64), toUInt128(payload)) COMMENT 'revision * 2^64 + payload: the row with the highest one holds',
    superseded    Bool DEFAULT false       COMMENT 'Set by the sweeper: the same id holds under another hour or chain, with this revision and payload'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(hour)
ORDER BY (tenant, hour, source, id, chain)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Contacts, every delivery; read with FINAL.';

CREATE TABLE IF NOT EXISTS rapport_store.milestone_facts
(
    tenant        LowCardinality(String)   COMMENT 'Whose event it is',
    hour          DateTime('UTC')          COMMENT 'occurred_at cut to the hour',
    source        LowCardinality(String)   COMMENT 'Publishing app, a URI reference',
    id            String                   COMMENT 'Event id, unique within tenant and source',
    revision      UInt32                   COMMENT 'Revision as published; a higher one replaces',
    payload       UInt64                   COMMENT 'Hash of the content; decides between deliveries of one revision',
    retracted     Bool                     COMMENT 'The event was taken back by this revision',
    occurred_at   DateTime64(6, 'UTC')     COMMENT 'When it happened, by the producer',
    case_id       String                   COMMENT 'Case',
    milestone     LowCardinality(String)   COMMENT 'What was reached',
    customer_id   String                   COMMENT 'Customer, or empty',
    region        LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    org_unit      LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    product       LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    service       LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    channel       LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    segment       LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    agent         LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    labels        Map(String, String)      COMMENT 'Free pairs for drill-down, never a cut',
    `due.name`    Array(LowCardinality(String)) COMMENT 'What is due, in the order of names',
    `due.at`      Array(DateTime64(6, 'UTC')) COMMENT 'When it is due',
    version       UInt128 MATERIALIZED bitOr(bitShiftLeft(toUInt128(revision), 64), toUInt128(payload)) COMMENT 'revision * 2^64 + payload: the row with the highest one holds',
    superseded    Bool DEFAULT false       COMMENT 'Set by the sweeper: the same id holds under another hour or case, with this revision and payload'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(hour)
ORDER BY (tenant, hour, source, id, case_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Milestone events, every delivery; read with FINAL.';

CREATE TABLE IF NOT EXISTS rapport_store.complaint_facts
(
    tenant        LowCardinality(String)   COMMENT 'Whose event it is',
    hour          DateTime('UTC')          COMMENT 'occurred_at cut to the hour',
    source        LowCardinality(String)   COMMENT 'Publishing app, a URI reference',
    id            String                   COMMENT 'Event id, unique within tenant and source',
    revision      UInt32                   COMMENT 'Revision as published; a higher one replaces',
    payload       UInt64                   COMMENT 'Hash of the content; decides between deliveries of one revision',
    retracted     Bool                     COMMENT 'The event was taken back by this revision',
    occurred_at   DateTime64(6, 'UTC')     COMMENT 'When it happened, by the producer',
    complaint_id  String                   COMMENT 'Complaint',
    phase         LowCardinality(String)   COMMENT 'What happened to it; empty where the event does not say',
    customer_id   String                   COMMENT 'Customer, or empty',
    case_id       String                   COMMENT 'Case, or empty',
    issue         LowCardinality(String)   COMMENT 'Issue, or empty',
    severity      LowCardinality(String)   COMMENT 'general or major, or empty',
    category      LowCardinality(String)   COMMENT 'Category, or empty',
    reason        LowCardinality(String)   COMMENT 'Reason, or empty',
    dimension     LowCardinality(String)   COMMENT 'Dimension of service, or empty',
    handling      LowCardinality(String)   COMMENT 'How the customer found the handling, or empty',
    timely        Nullable(Bool)           COMMENT 'Verdict of the source itself on timeliness; NULL where there is none',
    region        LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    org_unit      LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    product       LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    service       LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    channel       LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    segment       LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    agent         LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    labels        Map(String, String)      COMMENT 'Free pairs for drill-down, never a cut',
    `due.name`    Array(LowCardinality(String)) COMMENT 'What is due, in the order of names',
    `due.at`      Array(DateTime64(6, 'UTC')) COMMENT 'When it is due',
    version       UInt128 MATERIALIZED bitOr(bitShiftLeft(toUInt128(revision), 64), toUInt128(payload)) COMMENT 'revision * 2^64 + payload: the row with the highest one holds',
    superseded    Bool DEFAULT false       COMMENT 'Set by the sweeper: the same id holds under another hour or complaint, with this revision and payload'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(hour)
ORDER BY (tenant, hour, source, id, complaint_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Complaint events, every delivery; read with FINAL.';

-- ORDER BY: the entity first, so that all facts of some thousand entities are read in one pass over the granules that hold them; then the
-- key of the fact, so that FINAL finds the same row here as there. PARTITION BY year of the hour: all versions of a key share it, retention drops whole
-- years, and a backfill over many months makes few parts.
CREATE TABLE IF NOT EXISTS rapport_store.contacts_by_chain
(
    tenant        LowCardinality(String)   COMMENT 'Whose event it is',
    hour          DateTime('UTC')          COMMENT 'occurred_at cut to the hour',
    source        LowCardinality(String)   COMMENT 'Publishing app, a URI reference',
    id            String                   COMMENT 'Event id, unique within tenant and source',
    revision      UInt32                   COMMENT 'Revision as published; a higher one replaces',
    payload       UInt64                   COMMENT 'Hash of the content; decides between deliveries of one revision',
    retracted     Bool                     COMMENT 'The event was taken back by this revision',
    occurred_at   DateTime64(6, 'UTC')     COMMENT 'When it happened, by the producer',
    chain         String                   COMMENT 'Contacts of one chain are about one issue of one customer: customer=ID&issue=NAME, customer=ID, case=ID, or contact=ID&source=URI for one by itself; URL-escaped',
    customer_id   String                   COMMENT 'Customer, or empty',
    issue         LowCardinality(String)   COMMENT 'Issue, or empty',
    case_id       String                   COMMENT 'Case, or empty',
    region        LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    org_unit      LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    product       LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    service       LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    channel       LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    segment       LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    agent         LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    labels        Map(String, String)      COMMENT 'Free pairs for drill-down, never a cut',
    direction     LowCardinality(String)   COMMENT 'inbound or outbound',
    answered      Bool                     COMMENT 'Whether somebody answered',
    resolved      Nullable(Bool)           COMMENT 'Whether the publishing app says the issue was resolved; NULL where it does not say',
    wait_micros   Nullable(Int64)          COMMENT 'Wait until answered or given up, microseconds',
    talk_micros   Nullable(Int64)          COMMENT 'Talk, microseconds',
    hold_micros   Nullable(Int64)          COMMENT 'Hold, microseconds',
    wrap_micros   Nullable(Int64)          COMMENT 'Work after the contact, microseconds',
    transferred   Bool                     COMMENT 'Whether it was passed on to somebody else',
    version       UInt128 COMMENT 'revision * 2^64 + payload: the row with the highest one holds',
    superseded    Bool DEFAULT false       COMMENT 'Set by the sweeper: the same id holds under another hour or chain, with this revision and payload'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYear(hour)
ORDER BY (tenant, chain, hour, source, id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'contact_facts sorted by chain; read with FINAL.';

CREATE TABLE IF NOT EXISTS rapport_store.milestones_by_case
(
    tenant        LowCardinality(String)   COMMENT 'Whose event it is',
    hour          DateTime('UTC')          COMMENT 'occurred_at cut to the hour',
    source        LowCardinality(String)   COMMENT 'Publishing app, a URI reference',
    id            String                   COMMENT 'Event id, unique within tenant and source',
    revision      UInt32                   COMMENT 'Revision as published; a higher one replaces',
    payload       UInt64                   COMMENT 'Hash of the content; decides between deliveries of one revision',
    retracted     Bool                     COMMENT 'The event was taken back by this revision',
    occurred_at   DateTime64(6, 'UTC')     COMMENT 'When it happened, by the producer',
    case_id       String                   COMMENT 'Case',
    milestone     LowCardinality(String)   COMMENT 'What was reached',
    customer_id   String                   COMMENT 'Customer, or empty',
    region        LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    org_unit      LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    product       LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    service       LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    channel       LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    segment       LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    agent         LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    labels        Map(String, String)      COMMENT 'Free pairs for drill-down, never a cut',
    `due.name`    Array(LowCardinality(String)) COMMENT 'What is due, in the order of names',
    `due.at`      Array(DateTime64(6, 'UTC')) COMMENT 'When it is due',
    version       UInt128 COMMENT 'revision * 2^64 + payload: the row with the highest one holds',
    superseded    Bool DEFAULT false       COMMENT 'Set by the sweeper: the same id holds under another hour or case, with this revision and payload'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYear(hour)
ORDER BY (tenant, case_id, hour, source, id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'milestone_facts sorted by case; read with FINAL.';

CREATE TABLE IF NOT EXISTS rapport_store.complaint_events_by_id
(
    tenant        LowCardinality(String)   COMMENT 'Whose event it is',
    hour          DateTime('UTC')          COMMENT 'occurred_at cut to the hour',
    source        LowCardinality(String)   COMMENT 'Publishing app, a URI reference',
    id            String                   COMMENT 'Event id, unique within tenant and source',
    revision      UInt32                   COMMENT 'Revision as published; a higher one replaces',
    payload       UInt64                   COMMENT 'Hash of the content; decides between deliveries of one revision',
    retracted     Bool                     COMMENT 'The event was taken back by this revision',
    occurred_at   DateTime64(6, 'UTC')     COMMENT 'When it happened, by the producer',
    complaint_id  String                   COMMENT 'Complaint',
    phase         LowCardinality(String)   COMMENT 'What happened to it; empty where the event does not say',
    customer_id   String                   COMMENT 'Customer, or empty',
    case_id       String                   COMMENT 'Case, or empty',
    issue         LowCardinality(String)   COMMENT 'Issue, or empty',
    severity      LowCardinality(String)   COMMENT 'general or major, or empty',
    category      LowCardinality(String)   COMMENT 'Category, or empty',
    reason        LowCardinality(String)   COMMENT 'Reason, or empty',
    dimension     LowCardinality(String)   COMMENT 'Dimension of service, or empty',
    handling      LowCardinality(String)   COMMENT 'How the customer found the handling, or empty',
    timely        Nullable(Bool)           COMMENT 'Verdict of the source itself on timeliness; NULL where there is none',
    region        LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    org_unit      LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    product       LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    service       LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    channel       LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    segment       LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    agent         LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    labels        Map(String, String)      COMMENT 'Free pairs for drill-down, never a cut',
    `due.name`    Array(LowCardinality(String)) COMMENT 'What is due, in the order of names',
    `due.at`      Array(DateTime64(6, 'UTC')) COMMENT 'When it is due',
    version       UInt128 COMMENT 'revision * 2^64 + payload: the row with the highest one holds',
    superseded    Bool DEFAULT false       COMMENT 'Set by the sweeper: the same id holds under another hour or complaint, with this revision and payload'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYear(hour)
ORDER BY (tenant, complaint_id, hour, source, id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'complaint_facts sorted by complaint; read with FINAL.';

CREATE MATERIALIZED VIEW IF NOT EXISTS rapport_store.contacts_to_chains TO rapport_store.contacts_by_chain
(
    tenant        LowCardinality(String)   COMMENT 'Whose event it is',
    hour          DateTime('UTC')          COMMENT 'occurred_at cut to the hour',
    source        LowCardinality(String)   COMMENT 'Publishing app, a URI reference',
    id            String                   COMMENT 'Event id, unique within tenant and source',
    revision      UInt32                   COMMENT 'Revision as published; a higher one replaces',
    payload       UInt64                   COMMENT 'Hash of the content; decides between deliveries of one revision',
    retracted     Bool                     COMMENT 'The event was taken back by this revision',
    occurred_at   DateTime64(6, 'UTC')     COMMENT 'When it happened, by the producer',
    chain         String                   COMMENT 'Contacts of one chain are about one issue of one customer: customer=ID&issue=NAME, customer=ID, case=ID, or contact=ID&source=URI for one by itself; URL-escaped',
    customer_id   String                   COMMENT 'Customer, or empty',
    issue         LowCardinality(String)   COMMENT 'Issue, or empty',
    case_id       String                   COMMENT 'Case, or empty',
    region        LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    org_unit      LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    product       LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    service       LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    channel       LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    segment       LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    agent         LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    labels        Map(String, String)      COMMENT 'Free pairs for drill-down, never a cut',
    direction     LowCardinality(String)   COMMENT 'inbound or outbound',
    answered      Bool                     COMMENT 'Whether somebody answered',
    resolved      Nullable(Bool)           COMMENT 'Whether the publishing app says the issue was resolved; NULL where it does not say',
    wait_micros   Nullable(Int64)          COMMENT 'Wait until answered or given up, microseconds',
    talk_micros   Nullable(Int64)          COMMENT 'Talk, microseconds',
    hold_micros   Nullable(Int64)          COMMENT 'Hold, microseconds',
    wrap_micros   Nullable(Int64)          COMMENT 'Work after the contact, microseconds',
    transferred   Bool                     COMMENT 'Whether it was passed on to somebody else',
    version       UInt128 COMMENT 'revision * 2^64 + payload: the row with the highest one holds',
    superseded    Bool                     COMMENT 'Set by the sweeper'
)
AS SELECT tenant, hour, source, id, revision, payload, retracted, occurred_at, chain, customer_id, issue, case_id, region, org_unit, product, service, channel, segment, agent, labels, direction, answered, resolved, wait_micros, talk_micros, hold_micros, wrap_micros, transferred, version, superseded
FROM rapport_store.contact_facts
COMMENT 'Feeds contacts_by_chain, superseding rows too.';

CREATE MATERIALIZED VIEW IF NOT EXISTS rapport_store.milestones_to_cases TO rapport_store.milestones_by_case
(
    tenant        LowCardinality(String)   COMMENT 'Whose event it is',
    hour          DateTime('UTC')          COMMENT 'occurred_at cut to the hour',
    source        LowCardinality(String)   COMMENT 'Publishing app, a URI reference',
    id            String                   COMMENT 'Event id, unique within tenant and source',
    revision      UInt32                   COMMENT 'Revision as published; a higher one replaces',
    payload       UInt64                   COMMENT 'Hash of the content; decides between deliveries of one revision',
    retracted     Bool                     COMMENT 'The event was taken back by this revision',
    occurred_at   DateTime64(6, 'UTC')     COMMENT 'When it happened, by the producer',
    case_id       String                   COMMENT 'Case',
    milestone     LowCardinality(String)   COMMENT 'What was reached',
    customer_id   String                   COMMENT 'Customer, or empty',
    region        LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    org_unit      LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    product       LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    service       LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    channel       LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    segment       LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    agent         LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    labels        Map(String, String)      COMMENT 'Free pairs for drill-down, never a cut',
    `due.name`    Array(LowCardinality(String)) COMMENT 'What is due, in the order of names',
    `due.at`      Array(DateTime64(6, 'UTC')) COMMENT 'When it is due',
    version       UInt128 COMMENT 'revision * 2^64 + payload: the row with the highest one holds',
    superseded    Bool                     COMMENT 'Set by the sweeper'
)
AS SELECT tenant, hour, source, id, revision, payload, retracted, occurred_at, case_id, milestone, customer_id, region, org_unit, product, service, channel, segment, agent, labels, `due.name`, `due.at`, version, superseded
FROM rapport_store.milestone_facts
COMMENT 'Feeds milestones_by_case, superseding rows too.';

CREATE MATERIALIZED VIEW IF NOT EXISTS rapport_store.complaint_events_to_ids TO rapport_store.complaint_events_by_id
(
    tenant        LowCardinality(String)   COMMENT 'Whose event it is',
    hour          DateTime('UTC')          COMMENT 'occurred_at cut to the hour',
    source        LowCardinality(String)   COMMENT 'Publishing app, a URI reference',
    id            String                   COMMENT 'Event id, unique within tenant and source',
    revision      UInt32                   COMMENT 'Revision as published; a higher one replaces',
    payload       UInt64                   COMMENT 'Hash of the content; decides between deliveries of one revision',
    retracted     Bool                     COMMENT 'The event was taken back by this revision',
    occurred_at   DateTime64(6, 'UTC')     COMMENT 'When it happened, by the producer',
    complaint_id  String                   COMMENT 'Complaint',
    phase         LowCardinality(String)   COMMENT 'What happened to it; empty where the event does not say',
    customer_id   String                   COMMENT 'Customer, or empty',
    case_id       String                   COMMENT 'Case, or empty',
    issue         LowCardinality(String)   COMMENT 'Issue, or empty',
    severity      LowCardinality(String)   COMMENT 'general or major, or empty',
    category      LowCardinality(String)   COMMENT 'Category, or empty',
    reason        LowCardinality(String)   COMMENT 'Reason, or empty',
    dimension     LowCardinality(String)   COMMENT 'Dimension of service, or empty',
    handling      LowCardinality(String)   COMMENT 'How the customer found the handling, or empty',
    timely        Nullable(Bool)           COMMENT 'Verdict of the source itself on timeliness; NULL where there is none',
    region        LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    org_unit      LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    product       LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    service       LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    channel       LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    segment       LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    agent         LowCardinality(String)   COMMENT 'Attribute as of the event, or empty',
    labels        Map(String, String)      COMMENT 'Free pairs for drill-down, never a cut',
    `due.name`    Array(LowCardinality(String)) COMMENT 'What is due, in the order of names',
    `due.at`      Array(DateTime64(6, 'UTC')) COMMENT 'When it is due',
    version       UInt128 COMMENT 'revision * 2^64 + payload: the row with the highest one holds',
    superseded    Bool                     COMMENT 'Set by the sweeper'
)
AS SELECT tenant, hour, source, id, revision, payload, retracted, occurred_at, complaint_id, phase, customer_id, case_id, issue, severity, category, reason, dimension, handling, timely, region, org_unit, product, service, channel, segment, agent, labels, `due.name`, `due.at`, version, superseded
FROM rapport_store.complaint_facts
COMMENT 'Feeds complaint_events_by_id, superseding rows too.';

-- A set: which chains had a contact with a case, so that a case reopened finds the first contacts that it makes fail. A chain stays in it when
-- its contact is taken back, which costs a look and no more. ORDER BY: asked for by case.
CREATE TABLE IF NOT EXISTS rapport_store.chains_of_cases
(
    tenant  LowCardinality(String)   COMMENT 'Whose case it is',
    case_id String                   COMMENT 'Case',
    chain   String                   COMMENT 'Chain that has a contact with this case'
)
ENGINE = ReplacingMergeTree
ORDER BY (tenant, case_id, chain)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Which chains of contacts a case has.';

CREATE MATERIALIZED VIEW IF NOT EXISTS rapport_store.contacts_to_cases TO rapport_store.chains_of_cases
(
    tenant  LowCardinality(String)   COMMENT 'Whose case it is',
    case_id String                   COMMENT 'Case',
    chain   String                   COMMENT 'Chain that has a contact with this case'
)
AS SELECT tenant, case_id, chain FROM rapport_store.contact_facts WHERE case_id != ''
COMMENT 'Feeds chains_of_cases.';

-- The entity joins the key of identities: ids under two entities are found as those under two hours are. Of surveys it is 0.
ALTER TABLE rapport_store.identities
    ADD COLUMN IF NOT EXISTS entity UInt64 COMMENT 'cityHash64 of the chain, case or complaint that the event belongs to; 0 where it has none',
    MODIFY ORDER BY (tenant, type, identity, revision, payload, hour, entity);

CREATE MATERIALIZED VIEW IF NOT EXISTS rapport_store.contact_identities TO rapport_store.identities
(
    tenant   LowCardinality(String)   COMMENT 'Whose event it is',
    type     LowCardinality(String)   COMMENT 'CloudEvents type',
    identity UInt64                   COMMENT 'cityHash64(source, id)',
    revision UInt32                   COMMENT 'Revision as published',
    payload  UInt64                   COMMENT 'Hash of the content, the time included',
    hour     DateTime('UTC')          COMMENT 'Hour of the fact',
    entity   UInt64                   COMMENT 'cityHash64 of the chain'
)
AS SELECT tenant, 'rapport.contact.v1' AS type, cityHash64(source, id) AS identity, revision, payload, hour, cityHash64(chain) AS entity
FROM rapport_store.contact_facts WHERE NOT superseded
COMMENT 'Feeds identities from contact_facts; what the sweeper wrote is no delivery.';

CREATE MATERIALIZED VIEW IF NOT EXISTS rapport_store.milestone_identities TO rapport_store.identities
(
    tenant   LowCardinality(String)   COMMENT 'Whose event it is',
    type     LowCardinality(String)   COMMENT 'CloudEvents type',
    identity UInt64                   COMMENT 'cityHash64(source, id)',
    revision UInt32                   COMMENT 'Revision as published',
    payload  UInt64                   COMMENT 'Hash of the content, the time included',
    hour     DateTime('UTC')          COMMENT 'Hour of the fact',
    entity   UInt64                   COMMENT 'cityHash64 of the case id'
)
AS SELECT tenant, 'rapport.milestone.v1' AS type, cityHash64(source, id) AS identity, revision, payload, hour, cityHash64(case_id) AS entity
FROM rapport_store.milestone_facts WHERE NOT superseded
COMMENT 'Feeds identities from milestone_facts; what the sweeper wrote is no delivery.';

CREATE MATERIALIZED VIEW IF NOT EXISTS rapport_store.complaint_identities TO rapport_store.identities
(
    tenant   LowCardinality(String)   COMMENT 'Whose event it is',
    type     LowCardinality(String)   COMMENT 'CloudEvents type',
    identity UInt64                   COMMENT 'cityHash64(source, id)',
    revision UInt32                   COMMENT 'Revision as published',
    payload  UInt64                   COMMENT 'Hash of the content, the time included',
    hour     DateTime('UTC')          COMMENT 'Hour of the fact',
    entity   UInt64                   COMMENT 'cityHash64 of the complaint id'
)
AS SELECT tenant, 'rapport.complaint.v1' AS type, cityHash64(source, id) AS identity, revision, payload, hour, cityHash64(complaint_id) AS entity
FROM rapport_store.complaint_facts WHERE NOT superseded
COMMENT 'Feeds identities from complaint_facts; what the sweeper wrote is no delivery.';
