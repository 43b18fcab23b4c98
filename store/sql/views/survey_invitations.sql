-- What holds of each id, as in survey_responses.
CREATE OR REPLACE VIEW rapport.survey_invitations
(
    tenant        LowCardinality(String) COMMENT 'Whose invitation it is',
    source        LowCardinality(String) COMMENT 'Publishing app',
    event_id      String                 COMMENT 'Event id of the invitation, unique within tenant and source',
    occurred_at   DateTime64(6, 'UTC')   COMMENT 'When the customer was invited, UTC',
    hour          DateTime('UTC')        COMMENT 'occurred_at cut to the hour, UTC; a filter on it reads least',
    questionnaire LowCardinality(String) COMMENT 'Questionnaire',
    invitation_id String                 COMMENT 'Id that a response names; empty where not known',
    customer_id   String                 COMMENT 'Customer; empty where not known',
    case_id       String                 COMMENT 'Case; empty where not known',
    region        LowCardinality(String) COMMENT 'Attribute region, as of the invitation; empty where not stated',
    org_unit      LowCardinality(String) COMMENT 'Attribute org_unit, as of the invitation; empty where not stated',
    product       LowCardinality(String) COMMENT 'Attribute product, as of the invitation; empty where not stated',
    service       LowCardinality(String) COMMENT 'Attribute service, as of the invitation; empty where not stated',
    channel       LowCardinality(String) COMMENT 'Attribute channel, as of the invitation; empty where not stated',
    segment       LowCardinality(String) COMMENT 'Attribute segment, as of the invitation; empty where not stated',
    agent         LowCardinality(String) COMMENT 'Attribute agent, as of the invitation; empty where not stated',
    labels        Map(String, String)    COMMENT 'Free pairs for drill-down',
    revision      UInt32                 COMMENT 'Revision that holds'
)
AS SELECT
    tenant, source, id AS event_id, occurred_at, hour, questionnaire, invitation_id, customer_id, case_id,
    region, org_unit, product, service, channel, segment, agent, labels, revision
FROM rapport_store.invitation_facts FINAL
WHERE NOT retracted AND NOT superseded
COMMENT 'Survey invitations, one row each: duplicates, older revisions and retracted ones are gone.';
