-- Outcomes: what a chain, a case or a complaint comes to, computed from all its facts by package outcomes and replaced, never added to.
-- Nothing in them depends on the clock: what becomes true by time alone is said when they are read.
-- No fsync: a row that a power cut takes away is made again from the facts by the sweeper.

-- ORDER BY: the key of the fact, which never changes, so that a day of contacts is a short run of granules, and so that every row an
-- outcome ever had is replaced by its next one. A retracted contact keeps a row that says so. It holds all of the contact, since no reader
-- wants one without the other and a join would read two states. PARTITION BY year, for the reasons of contacts_by_chain.
CREATE TABLE IF NOT EXISTS rapport_store.contact_outcomes
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
    superseded    Bool                     COMMENT 'The same id holds under another hour or chain',
    live          Bool                     COMMENT 'Neither retracted nor superseded',
    in_chain      Bool                     COMMENT 'Live, answered and inbound: what chains are made of',
    is_first      Bool                     COMMENT 'No contact of the chain in the window before it',
    episode       UInt32                   COMMENT 'Contacts of the episode it begins; 0 where it is not first',
    later         Bool                     COMMENT 'Another contact of the chain in the window after it',
    fcr           LowCardinality(String)   COMMENT 'yes or no; empty where it is not first or resolved is not known',
    fcr_reason    LowCardinality(String)   COMMENT 'Why not: not_resolved, repeat_contact or reopened',
    excluded      LowCardinality(String)   COMMENT 'Why a contact is left out: abandoned, outbound, resolved_unknown',
    confirmed_at  Nullable(DateTime64(6, 'UTC')) COMMENT 'Of a first contact: until then its outcome is provisional',
    next_micros   Nullable(Int64)          COMMENT 'To the next contact of the chain, microseconds; NULL where there is none',
    in_service_level Bool                  COMMENT 'Inbound and answered within the limit of the tenant',
    epoch         UInt64                   COMMENT 'What the row was computed under: settings, logic, topic of the marks',
    mark          UInt64                   COMMENT 'Offset + 1 of the newest stale mark that the row answers',
    version       UInt128 MATERIALIZED bitOr(bitShiftLeft(toUInt128(epoch), 64), toUInt128(mark)) COMMENT 'epoch * 2^64 + mark: the row with the highest one holds, whoever wrote last'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYear(hour)
ORDER BY (tenant, hour, source, id, chain)
COMMENT 'Contacts with the outcome of their chain; read with FINAL.';

-- ORDER BY: the case, so that a row is replaced whatever its milestones say. A day of cases is found by the time-sorted facts that could
-- have booked one there, then read by key.
CREATE TABLE IF NOT EXISTS rapport_store.case_outcomes
(
    tenant        LowCardinality(String)   COMMENT 'Whose case it is',
    case_id       String                   COMMENT 'Case',
    live          Bool                     COMMENT 'At least one of its milestone events holds',
    customer_id   String                   COMMENT 'Customer, or empty',
    region        LowCardinality(String)   COMMENT 'Attribute as of the request, or empty',
    org_unit      LowCardinality(String)   COMMENT 'Attribute as of the request, or empty',
    product       LowCardinality(String)   COMMENT 'Attribute as of the request, or empty',
    service       LowCardinality(String)   COMMENT 'Attribute as of the request, or empty',
    channel       LowCardinality(String)   COMMENT 'Attribute as of the request, or empty',
    segment       LowCardinality(String)   COMMENT 'Attribute as of the request, or empty',
    agent         LowCardinality(String)   COMMENT 'Attribute as of the request, or empty',
    labels        Map(String, String)      COMMENT 'Free pairs for drill-down, never a cut',
    `reached.name` Array(LowCardinality(String)) COMMENT 'Milestones reached, in the order of names',
    `reached.at`  Array(DateTime64(6, 'UTC')) COMMENT 'When each was reached',
    `due.name`    Array(LowCardinality(String)) COMMENT 'What is due, in the order of names',
    `due.at`      Array(DateTime64(6, 'UTC')) COMMENT 'When it is due',
    `duration.name` Array(LowCardinality(String)) COMMENT 'What was waited for since requested, in the order of names',
    `duration.micros` Array(Int64) COMMENT 'How long, microseconds',
    `duration.working_micros` Array(Nullable(Int64)) COMMENT 'How long by the business calendar of the tenant, microseconds; NULL where it has none',
    requested_at  Nullable(DateTime64(6, 'UTC')) COMMENT 'When it was requested; NULL where that is not known, and then it is in no figure',
    was_resolved  Bool                     COMMENT 'It was resolved at some time',
    was_reopened  Bool                     COMMENT 'It was resolved and then reopened at some time',
    epoch         UInt64                   COMMENT 'What the row was computed under: settings, logic, topic of the marks',
    mark          UInt64                   COMMENT 'Offset + 1 of the newest stale mark that the row answers',
    version       UInt128 MATERIALIZED bitOr(bitShiftLeft(toUInt128(epoch), 64), toUInt128(mark)) COMMENT 'epoch * 2^64 + mark: the row with the highest one holds, whoever wrote last'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (tenant, case_id)
COMMENT 'Cases with their milestones as they hold; read with FINAL.';

-- The same shape and reasons as case_outcomes.
CREATE TABLE IF NOT EXISTS rapport_store.complaint_outcomes
(
    tenant        LowCardinality(String)   COMMENT 'Whose complaint it is',
    complaint_id  String                   COMMENT 'Complaint',
    live          Bool                     COMMENT 'At least one of its events holds',
    customer_id   String                   COMMENT 'Customer, or empty',
    case_id       String                   COMMENT 'Case, or empty',
    issue         LowCardinality(String)   COMMENT 'Issue, or empty',
    severity      LowCardinality(String)   COMMENT 'general or major, or empty',
    category      LowCardinality(String)   COMMENT 'Category, or empty',
    reason        LowCardinality(String)   COMMENT 'Reason, or empty',
    dimension     LowCardinality(String)   COMMENT 'Dimension of service, or empty',
    handling      LowCardinality(String)   COMMENT 'How the customer found the handling, or empty',
    timely        Nullable(Bool)           COMMENT 'Verdict of the source itself on timeliness; NULL where there is none',
    region        LowCardinality(String)   COMMENT 'Attribute as of its opening, or empty',
    org_unit      LowCardinality(String)   COMMENT 'Attribute as of its opening, or empty',
    product       LowCardinality(String)   COMMENT 'Attribute as of its opening, or empty',
    service       LowCardinality(String)   COMMENT 'Attribute as of its opening, or empty',
    channel       LowCardinality(String)   COMMENT 'Attribute as of its opening, or empty',
    segment       LowCardinality(String)   COMMENT 'Attribute as of its opening, or empty',
    agent         LowCardinality(String)   COMMENT 'Attribute as of its opening, or empty',
    labels        Map(String, String)      COMMENT 'Free pairs for drill-down, never a cut',
    `reached.name` Array(LowCardinality(String)) COMMENT 'Phases reached, in the order of names',
    `reached.at`  Array(DateTime64(6, 'UTC')) COMMENT 'When each was reached',
    `due.name`    Array(LowCardinality(String)) COMMENT 'What is due, in the order of names',
    `due.at`      Array(DateTime64(6, 'UTC')) COMMENT 'When it is due',
    `duration.name` Array(LowCardinality(String)) COMMENT 'What was waited for since opened, in the order of names',
    `duration.micros` Array(Int64) COMMENT 'How long, microseconds',
    `duration.working_micros` Array(Nullable(Int64)) COMMENT 'How long by the business calendar of the tenant, microseconds; NULL where it has none',
    opened_at     Nullable(DateTime64(6, 'UTC')) COMMENT 'When it was opened; NULL where that is not known, and then it is in no figure',
    was_resolved  Bool                     COMMENT 'It was resolved at some time',
    was_reopened  Bool                     COMMENT 'It was resolved and then reopened at some time',
    epoch         UInt64                   COMMENT 'What the row was computed under: settings, logic, topic of the marks',
    mark          UInt64                   COMMENT 'Offset + 1 of the newest stale mark that the row answers',
    version       UInt128 MATERIALIZED bitOr(bitShiftLeft(toUInt128(epoch), 64), toUInt128(mark)) COMMENT 'epoch * 2^64 + mark: the row with the highest one holds, whoever wrote last'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (tenant, complaint_id)
COMMENT 'Complaints with their phases as they hold; read with FINAL.';

-- What repeat complaints are judged by. A complaint has a row for each subject that any of its events ever named, so that the row under a subject
-- it has no longer is replaced too. ORDER BY: asked for by subject.
CREATE TABLE IF NOT EXISTS rapport_store.complaint_subjects
(
    tenant        LowCardinality(String)   COMMENT 'Whose complaint it is',
    customer_id   String                   COMMENT 'Customer',
    issue         LowCardinality(String)   COMMENT 'Issue',
    complaint_id  String                   COMMENT 'Complaint',
    opened_at     DateTime64(6, 'UTC')     COMMENT 'When it was opened; 1970 where it is not live',
    live          Bool                     COMMENT 'The complaint is booked and of this customer and issue',
    epoch         UInt64                   COMMENT 'What the row was computed under: settings, logic, topic of the marks',
    mark          UInt64                   COMMENT 'Offset + 1 of the newest stale mark that the row answers',
    version       UInt128 MATERIALIZED bitOr(bitShiftLeft(toUInt128(epoch), 64), toUInt128(mark)) COMMENT 'epoch * 2^64 + mark: the row with the highest one holds, whoever wrote last'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (tenant, customer_id, issue, complaint_id)
COMMENT 'Complaints by customer and issue; read with FINAL.';

-- Epochs of outcomes, as epochs are those of rollups. ORDER BY: a row per tenant and epoch, a later state of one replaces.
CREATE TABLE IF NOT EXISTS rapport_store.outcome_epochs
(
    tenant      String COMMENT 'Tenant, or empty for all',
    epoch       UInt64 COMMENT 'Rises when settings, the logic of outcomes or the topic of their marks change; a row''s version carries the sum of both epochs that bind it',
    fingerprint String COMMENT 'What the epoch was opened for: window, service level and calendar of a tenant; logic version, partitions of the topic for all',
    marked      UInt8 COMMENT '1 when every entity that the raise makes stale has been marked'
)
ENGINE = ReplacingMergeTree(marked)
ORDER BY (tenant, epoch, fingerprint)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'What outcomes were computed under, since when; tenant empty is all tenants.';
