-- What holds of each event: the newest delivery, unless it was taken back or holds under another hour or case.
CREATE OR REPLACE VIEW rapport.milestones
(
    tenant      LowCardinality(String)            COMMENT 'Tenant',
    source      LowCardinality(String)            COMMENT 'Publishing app',
    event_id    String                            COMMENT 'Event id, unique within tenant and source',
    occurred_at DateTime64(6, 'UTC')              COMMENT 'When it happened, UTC',
    hour        DateTime('UTC')                   COMMENT 'occurred_at cut to the hour, UTC; a filter on it reads least',
    case_id     String                            COMMENT 'Case',
    milestone   LowCardinality(String)            COMMENT 'What was reached',
    customer_id String                            COMMENT 'Customer; empty where not known',
    region      LowCardinality(String)            COMMENT 'Attribute region, as of the event; empty where not stated',
    org_unit    LowCardinality(String)            COMMENT 'Attribute org_unit, as of the event; empty where not stated',
    product     LowCardinality(String)            COMMENT 'Attribute product, as of the event; empty where not stated',
    service     LowCardinality(String)            COMMENT 'Attribute service, as of the event; empty where not stated',
    channel     LowCardinality(String)            COMMENT 'Attribute channel, as of the event; empty where not stated',
    segment     LowCardinality(String)            COMMENT 'Attribute segment, as of the event; empty where not stated',
    agent       LowCardinality(String)            COMMENT 'Attribute agent, as of the event; empty where not stated',
    labels      Map(String, String)               COMMENT 'Free pairs for drill-down',
    due         Map(String, DateTime64(6, 'UTC')) COMMENT 'What is due when, as far as this event says, UTC',
    revision    UInt32                            COMMENT 'Revision that holds'
)
AS SELECT
    tenant, source, id AS event_id, occurred_at, hour, case_id, milestone, customer_id, region, org_unit, product, service, channel, segment, agent, labels,
    mapFromArrays(CAST(`due.name`, 'Array(String)'), `due.at`) AS due, revision
FROM rapport_store.milestone_facts FINAL
WHERE NOT retracted AND NOT superseded
COMMENT 'Milestone events, one row each: duplicates, older revisions and retracted ones are gone.';
