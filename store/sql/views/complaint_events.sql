-- What holds of each event: the newest delivery, unless it was taken back or holds under another hour or complaint.
CREATE OR REPLACE VIEW rapport.complaint_events
(
    tenant       LowCardinality(String)            COMMENT 'Tenant',
    source       LowCardinality(String)            COMMENT 'Publishing app',
    event_id     String                            COMMENT 'Event id, unique within tenant and source',
    occurred_at  DateTime64(6, 'UTC')              COMMENT 'When it happened, UTC',
    hour         DateTime('UTC')                   COMMENT 'occurred_at cut to the hour, UTC; a filter on it reads least',
    complaint_id String                            COMMENT 'Complaint',
    phase        LowCardinality(String)            COMMENT 'What happened to it; empty where the event does not say',
    customer_id  String                            COMMENT 'Customer; empty where not known',
    case_id      String                            COMMENT 'Case; empty where not known',
    issue        LowCardinality(String)            COMMENT 'Issue; empty where not stated',
    severity     LowCardinality(String)            COMMENT 'general or major; empty where not stated',
    category     LowCardinality(String)            COMMENT 'Category; empty where not stated',
    reason       LowCardinality(String)            COMMENT 'Reason; empty where not stated',
    dimension    LowCardinality(String)            COMMENT 'Dimension of service; empty where not stated',
    handling     LowCardinality(String)            COMMENT 'How the customer found the handling; empty where not stated',
    timely       Nullable(Bool)                    COMMENT 'Verdict of the source itself; NULL where there is none',
    region       LowCardinality(String)            COMMENT 'Attribute region, as of the event; empty where not stated',
    org_unit     LowCardinality(String)            COMMENT 'Attribute org_unit, as of the event; empty where not stated',
    product      LowCardinality(String)            COMMENT 'Attribute product, as of the event; empty where not stated',
    service      LowCardinality(String)            COMMENT 'Attribute service, as of the event; empty where not stated',
    channel      LowCardinality(String)            COMMENT 'Attribute channel, as of the event; empty where not stated',
    segment      LowCardinality(String)            COMMENT 'Attribute segment, as of the event; empty where not stated',
    agent        LowCardinality(String)            COMMENT 'Attribute agent, as of the event; empty where not stated',
    labels       Map(String, String)               COMMENT 'Free pairs for drill-down',
    due          Map(String, DateTime64(6, 'UTC')) COMMENT 'What is due when, as far as this event says, UTC',
    revision     UInt32                            COMMENT 'Revision that holds'
)
AS SELECT
    tenant, source, id AS event_id, occurred_at, hour, complaint_id, phase, customer_id, case_id, issue, severity, category, reason, dimension, handling, timely, region, org_unit, product, service, channel, segment, agent, labels,
    mapFromArrays(CAST(`due.name`, 'Array(String)'), `due.at`) AS due, revision
FROM rapport_store.complaint_facts FINAL
WHERE NOT retracted AND NOT superseded
COMMENT 'Complaint events, one row each: duplicates, older revisions and retracted ones are gone.';
