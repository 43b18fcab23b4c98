-- Times are summed as whole microseconds, so that their sums do not depend on order.
-- Attributes beyond the tenant's cap are shown as other; while no tenant is over with one, its first condition is a constant and nothing is looked up.
CREATE OR REPLACE VIEW rapport.contact_hourly
(
    tenant             LowCardinality(String) COMMENT 'Tenant',
    hour               DateTime('UTC')        COMMENT 'Hour, UTC; a filter on it reads least',
    region             LowCardinality(String) COMMENT 'Attribute region, as of the contact; empty where not stated',
    org_unit           LowCardinality(String) COMMENT 'Attribute org_unit, as of the contact; empty where not stated',
    product            LowCardinality(String) COMMENT 'Attribute product, as of the contact; empty where not stated',
    service            LowCardinality(String) COMMENT 'Attribute service, as of the contact; empty where not stated',
    channel            LowCardinality(String) COMMENT 'Attribute channel, as of the contact; empty where not stated',
    segment            LowCardinality(String) COMMENT 'Attribute segment, as of the contact; empty where not stated',
    agent              LowCardinality(String) COMMENT 'Attribute agent, as of the contact; empty where not stated',
    n                  UInt64                 COMMENT 'Contacts, inbound and outbound',
    offered            UInt64                 COMMENT 'Inbound contacts',
    answered           UInt64                 COMMENT 'Of these answered',
    abandoned          UInt64                 COMMENT 'Of these not answered = offered - answered',
    outbound           UInt64                 COMMENT 'Outbound contacts',
    in_service_level   UInt64                 COMMENT 'Inbound contacts answered within the limit of the tenant',
    wait_n             UInt64                 COMMENT 'Answered inbound contacts whose wait is known',
    wait_seconds_sum   Float64                COMMENT 'Sum of their waits, seconds',
    handle_n           UInt64                 COMMENT 'Answered inbound contacts of which talk, hold or wrap is known',
    handle_seconds_sum Float64                COMMENT 'Sum of their talk, hold and wrap, seconds',
    answer_rate        Nullable(Float64)      COMMENT '% = 100 * answered / offered; NULL where offered is 0',
    abandon_rate       Nullable(Float64)      COMMENT '% = 100 * abandoned / offered; NULL where offered is 0',
    service_level      Nullable(Float64)      COMMENT '% answered in time = 100 * in_service_level / offered; NULL where offered is 0',
    asa                Nullable(Float64)      COMMENT 'Mean wait of answered contacts, seconds = wait_seconds_sum / wait_n; NULL where wait_n is 0',
    aht                Nullable(Float64)      COMMENT 'Mean handling time, seconds = handle_seconds_sum / handle_n; NULL where handle_n is 0'
)
AS SELECT
    tenant, hour, region, org_unit, product, service, channel, segment, agent, offered + outbound AS n, offered, answered, offered - answered AS abandoned, outbound, in_service_level,
    wait_n, wait_sum / 1e6 AS wait_seconds_sum, handle_n, handle_sum / 1e6 AS handle_seconds_sum,
    if(offered = 0, NULL, 100 * answered / offered) AS answer_rate,
    if(offered = 0, NULL, 100 * (offered - answered) / offered) AS abandon_rate,
    if(offered = 0, NULL, 100 * in_service_level / offered) AS service_level,
    if(wait_n = 0, NULL, wait_sum / wait_n / 1e6) AS asa,
    if(handle_n = 0, NULL, handle_sum / handle_n / 1e6) AS aht
FROM
(
    WITH
        direction = 'inbound' AND answered AS answered_one,
        answered_one AND (talk_micros IS NOT NULL OR hold_micros IS NOT NULL OR wrap_micros IS NOT NULL) AS handled
    SELECT
        tenant, hour,
        if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'region') = 0, region, if(tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'region') AND region != '' AND (tenant, region) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'region'), 'other', region)) AS region,
        if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'org_unit') = 0, org_unit, if(tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'org_unit') AND org_unit != '' AND (tenant, org_unit) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'org_unit'), 'other', org_unit)) AS org_unit,
        if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'product') = 0, product, if(tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'product') AND product != '' AND (tenant, product) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'product'), 'other', product)) AS product,
        if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'service') = 0, service, if(tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'service') AND service != '' AND (tenant, service) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'service'), 'other', service)) AS service,
        if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'channel') = 0, channel, if(tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'channel') AND channel != '' AND (tenant, channel) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'channel'), 'other', channel)) AS channel,
        if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'segment') = 0, segment, if(tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'segment') AND segment != '' AND (tenant, segment) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'segment'), 'other', segment)) AS segment,
        if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'agent') = 0, agent, if(tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'agent') AND agent != '' AND (tenant, agent) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'agent'), 'other', agent)) AS agent,
        countIf(direction = 'inbound') AS offered,
        countIf(answered_one) AS answered,
        countIf(direction = 'outbound') AS outbound,
        countIf(in_service_level) AS in_service_level,
        countIf(answered_one AND wait_micros IS NOT NULL) AS wait_n,
        sumIf(ifNull(wait_micros, 0), answered_one) AS wait_sum,
        countIf(handled) AS handle_n,
        sumIf(ifNull(talk_micros, 0) + ifNull(hold_micros, 0) + ifNull(wrap_micros, 0), handled) AS handle_sum
    FROM rapport_store.contact_outcomes FINAL
    WHERE live
    GROUP BY tenant, hour, region, org_unit, product, service, channel, segment, agent
)
COMMENT 'Volume and speed of contacts per tenant, hour and attributes; counts and sums can be added up, rates and means cannot.';
