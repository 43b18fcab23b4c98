-- Arrays unfolded: one row per answered item. A neutral fill is no answer and has no row.
CREATE OR REPLACE VIEW rapport.survey_answers
(
    tenant                LowCardinality(String) COMMENT 'Whose response it is',
    source                LowCardinality(String) COMMENT 'Publishing app',
    response_id           String                 COMMENT 'Event id of the response, unique within tenant and source',
    occurred_at           DateTime64(6, 'UTC')   COMMENT 'When it was given, UTC',
    hour                  DateTime('UTC')        COMMENT 'occurred_at cut to the hour, UTC; a filter on it reads least',
    questionnaire         LowCardinality(String) COMMENT 'Questionnaire',
    questionnaire_version LowCardinality(String) COMMENT 'Version of the questionnaire that scored it',
    customer_id           String                 COMMENT 'Customer; empty where not known',
    role                  LowCardinality(String) COMMENT 'customer, employee, manager or mystery_shopper; figures are of customer alone',
    case_id               String                 COMMENT 'Case; empty where not known',
    contact_id            String                 COMMENT 'Contact; empty where not known',
    region                LowCardinality(String) COMMENT 'Attribute region, as of the response; empty where not stated',
    org_unit              LowCardinality(String) COMMENT 'Attribute org_unit, as of the response; empty where not stated',
    product               LowCardinality(String) COMMENT 'Attribute product, as of the response; empty where not stated',
    service               LowCardinality(String) COMMENT 'Attribute service, as of the response; empty where not stated',
    channel               LowCardinality(String) COMMENT 'Attribute channel, as of the response; empty where not stated',
    segment               LowCardinality(String) COMMENT 'Attribute segment, as of the response; empty where not stated',
    agent                 LowCardinality(String) COMMENT 'Attribute agent, as of the response; empty where not stated',
    labels                Map(String, String)    COMMENT 'Free pairs for drill-down',
    valid                 Bool                   COMMENT 'Meets the validity rule; an invalid response is in no figure',
    item                  LowCardinality(String) COMMENT 'Item of the questionnaire',
    dimension             LowCardinality(String) COMMENT 'Dimension of the item',
    score                 Nullable(Int16)        COMMENT 'Score in points of the scale; NULL where not scored',
    score_100             Nullable(Float64)      COMMENT 'Score on 0..100 by the normalisation of the questionnaire; NULL where not scored',
    expectation           Nullable(Int16)        COMMENT 'Expectation in points of the scale; NULL where not asked',
    importance            Nullable(Int16)        COMMENT 'Stated importance in points of the scale; NULL where not asked',
    reasons               Array(String)          COMMENT 'Reason codes; empty where none was given',
    comment               String                 COMMENT 'Free text on the item; empty where there is none'
)
AS SELECT
    tenant, source, id AS response_id, occurred_at, hour, questionnaire, questionnaire_version, customer_id, role, case_id, contact_id,
    region, org_unit, product, service, channel, segment, agent, labels, valid,
    item, dimension, score, (score - scale_zero) * 100 / scale_span AS score_100, expectation, importance, reasons, answer_comment AS comment
FROM rapport_store.survey_facts FINAL
ARRAY JOIN
    `answers.item` AS item,
    `answers.dimension` AS dimension,
    `answers.score` AS score,
    `answers.expectation` AS expectation,
    `answers.importance` AS importance,
    `answers.reasons` AS reasons,
    `answers.comment` AS answer_comment
WHERE NOT retracted AND NOT superseded
COMMENT 'Answers of survey responses, one row per answered item.';
