-- What a user of ClickHouse alone would write for the same events: the Kafka engine, and a materialized view into a table equal to
-- rapport's. JSONEachRow into typed columns, because reading whole lines and JSONExtract of each field is slower by far. Only what is in
-- the event is filled in; scores, validity, levels, accounting and the check of the contract have no counterpart here and keep their defaults.

CREATE DATABASE IF NOT EXISTS bench;

CREATE TABLE bench.survey_facts AS rapport_store.survey_facts;

-- One consumer per core at most, which is what the engine allows, with threads and inserts of their own. Blocks and polls of 65,536
-- rows and a flush interval above what a block takes, so that parts are large and few.
CREATE TABLE bench.events
(
    id        String,
    source    String,
    tenant    String,
    time      DateTime64(6, 'UTC'),
    revision  UInt32,
    retracted Bool,
    data Tuple(
        attributes Tuple(region String, org_unit String, product String, service String, channel String, segment String, agent String),
        labels Map(String, String),
        questionnaire String, questionnaire_version String, invitation_id String, customer_id String, role String, case_id String, contact_id String,
        answers Array(Tuple(item String, score Nullable(Int16), expectation Nullable(Int16), importance Nullable(Int16), reasons Array(String), comment String)),
        nps Nullable(Int8), ces Nullable(Int8), repurchase Nullable(Int8), resolved_first_contact Nullable(Bool), comment String)
)
ENGINE = Kafka
SETTINGS kafka_broker_list = '{{broker}}', kafka_topic_list = '{{topic}}', kafka_group_name = '{{group}}', kafka_format = 'JSONEachRow',
    kafka_num_consumers = {{consumers}}, kafka_thread_per_consumer = {{threads}}, kafka_max_block_size = {{block}}, kafka_poll_max_batch_size = {{poll}},
    kafka_flush_interval_ms = {{flush}},
    input_format_skip_unknown_fields = 1, date_time_input_format = 'best_effort';

CREATE MATERIALIZED VIEW bench.feed TO bench.survey_facts AS
SELECT
    if(tenant = '', 'default', tenant) AS tenant, toStartOfHour(time) AS hour, source, id, revision, cityHash64(id, time, data) AS payload, retracted,
    time AS occurred_at,
    data.questionnaire AS questionnaire, data.questionnaire_version AS questionnaire_version, data.invitation_id AS invitation_id,
    data.customer_id AS customer_id, if(data.role = '', 'customer', data.role) AS role, data.case_id AS case_id, data.contact_id AS contact_id,
    data.attributes.region AS region, data.attributes.org_unit AS org_unit, data.attributes.product AS product, data.attributes.service AS service,
    data.attributes.channel AS channel, data.attributes.segment AS segment, data.attributes.agent AS agent, data.labels AS labels,
    data.nps AS nps, data.ces AS ces, data.repurchase AS repurchase, data.resolved_first_contact AS resolved_first_contact, data.comment AS comment,
    data.answers.item AS `answers.item`, data.answers.item AS `answers.dimension`, data.answers.score AS `answers.score`,
    data.answers.expectation AS `answers.expectation`, data.answers.importance AS `answers.importance`, data.answers.reasons AS `answers.reasons`,
    data.answers.comment AS `answers.comment`
FROM bench.events;
