-- What holds of each id: the newest delivery, unless it was taken back or holds under another hour.
CREATE OR REPLACE VIEW rapport.survey_responses
(
    tenant                 LowCardinality(String) COMMENT 'Whose response it is',
    source                 LowCardinality(String) COMMENT 'Publishing app',
    response_id            String                 COMMENT 'Event id of the response, unique within tenant and source',
    occurred_at            DateTime64(6, 'UTC')   COMMENT 'When it was given, UTC',
    hour                   DateTime('UTC')        COMMENT 'occurred_at cut to the hour, UTC; a filter on it reads least',
    questionnaire          LowCardinality(String) COMMENT 'Questionnaire',
    questionnaire_version  LowCardinality(String) COMMENT 'Version of the questionnaire that scored it',
    invitation_id          String                 COMMENT 'Invitation that was answered; empty where not known',
    customer_id            String                 COMMENT 'Customer; empty where not known',
    role                   LowCardinality(String) COMMENT 'customer, employee, manager or mystery_shopper; figures are of customer alone',
    case_id                String                 COMMENT 'Case; empty where not known',
    contact_id             String                 COMMENT 'Contact; empty where not known',
    region                 LowCardinality(String) COMMENT 'Attribute region, as of the response; empty where not stated',
    org_unit               LowCardinality(String) COMMENT 'Attribute org_unit, as of the response; empty where not stated',
    product                LowCardinality(String) COMMENT 'Attribute product, as of the response; empty where not stated',
    service                LowCardinality(String) COMMENT 'Attribute service, as of the response; empty where not stated',
    channel                LowCardinality(String) COMMENT 'Attribute channel, as of the response; empty where not stated',
    segment                LowCardinality(String) COMMENT 'Attribute segment, as of the response; empty where not stated',
    agent                  LowCardinality(String) COMMENT 'Attribute agent, as of the response; empty where not stated',
    labels                 Map(String, String)    COMMENT 'Free pairs for drill-down',
    valid                  Bool                   COMMENT 'Meets the validity rule; an invalid response is in no figure',
    satisfaction_index     Nullable(Float64)      COMMENT 'Satisfaction index of the response, 0..100; NULL where invalid or without items',
    level                  LowCardinality(String) COMMENT 'very_satisfied, satisfied, neutral, dissatisfied or very_dissatisfied; empty where there is no index',
    nps                    Nullable(Int8)         COMMENT 'Likelihood to recommend, 0..10; NULL where not answered',
    ces                    Nullable(Int8)         COMMENT 'Ease, 1..7, higher is easier; NULL where not answered',
    repurchase             Nullable(Int8)         COMMENT 'Intent to buy again, 1..5; NULL where not answered',
    resolved_first_contact Nullable(Bool)         COMMENT 'Whether the customer says the issue was resolved at first contact; NULL where not answered',
    comment                String                 COMMENT 'Free text; empty where there is none',
    revision               UInt32                 COMMENT 'Revision that holds'
)
AS SELECT
    tenant, source, id AS response_id, occurred_at, hour, questionnaire, questionnaire_version, invitation_id, customer_id, role, case_id, contact_id,
    region, org_unit, product, service, channel, segment, agent, labels, valid,
    if(index_den > 0, index_num / index_den, NULL) AS satisfaction_index, level, nps, ces, repurchase, resolved_first_contact, comment, revision
FROM rapport_store.survey_facts FINAL
WHERE NOT retracted AND NOT superseded
COMMENT 'Survey responses, one row each: duplicates, older revisions and retracted ones are gone.';
