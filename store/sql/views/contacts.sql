-- What holds of each contact, with what its chain makes of it. That a first contact is provisional is true until an instant, and so asked of the clock.
CREATE OR REPLACE VIEW rapport.contacts
(
    tenant       LowCardinality(String)         COMMENT 'Whose contact it is',
    source       LowCardinality(String)         COMMENT 'Publishing app',
    contact_id   String                         COMMENT 'Event id of the contact, unique within tenant and source',
    occurred_at  DateTime64(6, 'UTC')           COMMENT 'When it happened, UTC',
    hour         DateTime('UTC')                COMMENT 'occurred_at cut to the hour, UTC; a filter on it reads least',
    customer_id  String                         COMMENT 'Customer; empty where not known',
    issue        LowCardinality(String)         COMMENT 'Issue; empty where not stated',
    case_id      String                         COMMENT 'Case; empty where not known',
    region       LowCardinality(String)         COMMENT 'Attribute region, as of the contact; empty where not stated',
    org_unit     LowCardinality(String)         COMMENT 'Attribute org_unit, as of the contact; empty where not stated',
    product      LowCardinality(String)         COMMENT 'Attribute product, as of the contact; empty where not stated',
    service      LowCardinality(String)         COMMENT 'Attribute service, as of the contact; empty where not stated',
    channel      LowCardinality(String)         COMMENT 'Attribute channel, as of the contact; empty where not stated',
    segment      LowCardinality(String)         COMMENT 'Attribute segment, as of the contact; empty where not stated',
    agent        LowCardinality(String)         COMMENT 'Attribute agent, as of the contact; empty where not stated',
    labels       Map(String, String)            COMMENT 'Free pairs for drill-down',
    direction    LowCardinality(String)         COMMENT 'inbound or outbound',
    answered     Bool                           COMMENT 'Whether somebody answered',
    resolved     Nullable(Bool)                 COMMENT 'Whether the publishing app says the issue was resolved; NULL where it does not say',
    wait_seconds Nullable(Float64)              COMMENT 'Wait until answered or given up, seconds; NULL where not known',
    talk_seconds Nullable(Float64)              COMMENT 'Talk, seconds; NULL where not known',
    hold_seconds Nullable(Float64)              COMMENT 'Hold, seconds; NULL where not known',
    wrap_seconds Nullable(Float64)              COMMENT 'Work after the contact, seconds; NULL where not known',
    transferred  Bool                           COMMENT 'Whether it was passed on to somebody else',
    chain        String                         COMMENT 'Chain of contacts about one issue of one customer; empty where it is in none, as abandoned and outbound ones are',
    is_first     Bool                           COMMENT 'No contact of the chain in the window before it',
    fcr          LowCardinality(String)         COMMENT 'Resolved at first contact: yes or no; empty where it is not first or resolved is not known',
    fcr_reason   LowCardinality(String)         COMMENT 'Why not: not_resolved, repeat_contact or reopened; empty where fcr is not no',
    provisional  Bool                           COMMENT 'First, and its window lies partly ahead now: fcr may still change',
    excluded     LowCardinality(String)         COMMENT 'Why it is left out of fcr: abandoned, outbound or resolved_unknown; else empty',
    confirmed_at Nullable(DateTime64(6, 'UTC')) COMMENT 'End of the window of a first contact, UTC; NULL where it is not first',
    days_to_next Nullable(UInt32)               COMMENT 'Whole days to the next contact of the chain; NULL where there is none',
    revision     UInt32                         COMMENT 'Revision that holds'
)
AS SELECT
    tenant, source, id AS contact_id, occurred_at, hour, customer_id, issue, case_id, region, org_unit, product, service, channel, segment, agent, labels,
    direction, answered, resolved, wait_micros / 1e6 AS wait_seconds, talk_micros / 1e6 AS talk_seconds, hold_micros / 1e6 AS hold_seconds, wrap_micros / 1e6 AS wrap_seconds, transferred,
    if(in_chain, contact_outcomes.chain, '') AS chain, is_first, fcr, fcr_reason, ifNull(confirmed_at > now64(6, 'UTC'), false) AS provisional, excluded, confirmed_at,
    toUInt32(intDiv(next_micros, 86400000000)) AS days_to_next, revision
FROM rapport_store.contact_outcomes FINAL
WHERE live
COMMENT 'Contacts, one row each, with first-contact resolution: duplicates, older revisions and retracted ones are gone.';
