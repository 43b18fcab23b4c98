-- kafka_engine.sql for contacts: the plain rows of contact_facts. No second table sorted by chain, no outcomes, no days' figures.

CREATE DATABASE IF NOT EXISTS bench;

CREATE TABLE bench.contact_facts AS rapport_store.contact_facts;

-- A consumer per core, which is as many as the engine allows, each with a thread and inserts of its own.
CREATE TABLE bench.events (line String)
ENGINE = Kafka
SETTINGS kafka_broker_list = '{{broker}}', kafka_topic_list = '{{topic}}', kafka_group_name = '{{group}}', kafka_format = 'JSONAsString',
    kafka_num_consumers = {{consumers}}, kafka_thread_per_consumer = {{threads}}, kafka_max_block_size = {{block}}, kafka_poll_max_batch_size = {{poll}},
    kafka_flush_interval_ms = {{flush}}, kafka_handle_error_mode = '{{errors}}';

CREATE MATERIALIZED VIEW bench.feed TO bench.contact_facts AS
SELECT
    if(e.tenant = '', 'default', e.tenant) AS tenant, toStartOfHour(occurred_at) AS hour, e.source AS source, e.id AS id, e.revision AS revision,
    cityHash64(line) AS payload, e.retracted AS retracted, parseDateTime64BestEffort(e.time, 6, 'UTC') AS occurred_at,
    concat('customer=', e.data.customer_id, '&issue=', e.data.issue) AS chain, e.data.customer_id AS customer_id, e.data.issue AS issue, e.data.case_id AS case_id,
    e.data.attributes.region AS region, e.data.attributes.org_unit AS org_unit, e.data.attributes.product AS product,
    e.data.attributes.service AS service, e.data.attributes.channel AS channel, e.data.attributes.segment AS segment,
    e.data.attributes.agent AS agent, e.data.labels AS labels, if(e.data.direction = '', 'inbound', e.data.direction) AS direction,
    ifNull(e.data.answered, true) AS answered, e.data.resolved AS resolved, toInt64(round(e.data.wait_seconds * 1e6)) AS wait_micros,
    toInt64(round(e.data.talk_seconds * 1e6)) AS talk_micros, toInt64(round(e.data.hold_seconds * 1e6)) AS hold_micros,
    toInt64(round(e.data.wrap_seconds * 1e6)) AS wrap_micros, e.data.transferred AS transferred
FROM
(
    SELECT line, JSONExtract(line, $$Tuple(
        id String, source String, tenant String, time String, revision UInt32, retracted Bool,
        data Tuple(
            attributes Tuple(region String, org_unit String, product String, service String, channel String, segment String, agent String),
            labels Map(String, String), customer_id String, issue String, case_id String, direction String, answered Nullable(Bool), resolved Nullable(Bool),
            wait_seconds Nullable(Float64), talk_seconds Nullable(Float64), hold_seconds Nullable(Float64), wrap_seconds Nullable(Float64), transferred Bool))$$) AS e
    FROM bench.events {{where}}
);
