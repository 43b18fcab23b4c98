-- By the day of requested, whenever a case was resolved or reopened.
-- Attributes beyond the tenant's cap are shown as other; while no tenant is over with one, its first condition is a constant and nothing is looked up.
CREATE OR REPLACE VIEW rapport.case_daily
(
    tenant       LowCardinality(String) COMMENT 'Tenant',
    day          Date32                 COMMENT 'Day in the time zone of the tenant, UTC where it has none',
    region       LowCardinality(String) COMMENT 'Attribute region, as of the request; empty where not stated',
    org_unit     LowCardinality(String) COMMENT 'Attribute org_unit, as of the request; empty where not stated',
    product      LowCardinality(String) COMMENT 'Attribute product, as of the request; empty where not stated',
    service      LowCardinality(String) COMMENT 'Attribute service, as of the request; empty where not stated',
    channel      LowCardinality(String) COMMENT 'Attribute channel, as of the request; empty where not stated',
    segment      LowCardinality(String) COMMENT 'Attribute segment, as of the request; empty where not stated',
    agent        LowCardinality(String) COMMENT 'Attribute agent, as of the request; empty where not stated',
    n            UInt64                 COMMENT 'Cases requested',
    resolved     UInt64                 COMMENT 'Of these resolved at some time',
    reopened     UInt64                 COMMENT 'Of these resolved and then reopened',
    open         UInt64                 COMMENT 'Neither resolved nor closed',
    overdue_open UInt64                 COMMENT 'Something is due, not reached, and late now',
    reopen_rate  Nullable(Float64)      COMMENT '% = 100 * reopened / resolved; NULL where resolved is 0'
)
AS SELECT
    tenant, day, region, org_unit, product, service, channel, segment, agent, n, resolved, reopened, open, overdue_open,
    if(resolved = 0, NULL, 100 * reopened / resolved) AS reopen_rate
FROM
(
    SELECT
        cases.tenant AS tenant, toDate32(toString(toDateTime(assumeNotNull(requested_at), 'UTC'), if(zones.time_zone = '', 'UTC', zones.time_zone))) AS day,
        if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'region') = 0, region, if(cases.tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'region') AND region != '' AND (cases.tenant, region) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'region'), 'other', region)) AS region,
        if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'org_unit') = 0, org_unit, if(cases.tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'org_unit') AND org_unit != '' AND (cases.tenant, org_unit) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'org_unit'), 'other', org_unit)) AS org_unit,
        if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'product') = 0, product, if(cases.tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'product') AND product != '' AND (cases.tenant, product) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'product'), 'other', product)) AS product,
        if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'service') = 0, service, if(cases.tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'service') AND service != '' AND (cases.tenant, service) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'service'), 'other', service)) AS service,
        if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'channel') = 0, channel, if(cases.tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'channel') AND channel != '' AND (cases.tenant, channel) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'channel'), 'other', channel)) AS channel,
        if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'segment') = 0, segment, if(cases.tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'segment') AND segment != '' AND (cases.tenant, segment) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'segment'), 'other', segment)) AS segment,
        if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'agent') = 0, agent, if(cases.tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'agent') AND agent != '' AND (cases.tenant, agent) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'agent'), 'other', agent)) AS agent,
        count() AS n, countIf(was_resolved) AS resolved, countIf(was_reopened) AS reopened,
        countIf(NOT has(`reached.name`, 'resolved') AND NOT has(`reached.name`, 'closed')) AS open,
        countIf(arrayExists((m, due) -> NOT has(`reached.name`, m) AND due < now64(6, 'UTC'), `due.name`, `due.at`)) AS overdue_open
    FROM rapport_store.case_outcomes AS cases FINAL
    LEFT JOIN (SELECT tenant, time_zone FROM rapport_store.tenants FINAL WHERE time_zone NOT IN ('', 'UTC')) AS zones ON zones.tenant = cases.tenant
    WHERE live AND requested_at IS NOT NULL
    GROUP BY tenant, day, region, org_unit, product, service, channel, segment, agent
)
COMMENT 'Cases per tenant, day of requested and attributes; counts can be added up, rates cannot.';
