-- By the day of requested, whenever a case was resolved or reopened.
-- Attributes beyond the tenant's cap are shown as other; while no tenant is over, the first condition is a constant and nothing is looked up.
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
        if((SELECT count() FROM rapport_store.attributes_over) = 0, region, if(region != '' AND (cases.tenant, 'region') IN (SELECT tenant, cut FROM rapport_store.attributes_over) AND (cases.tenant, 'region', region) NOT IN (SELECT tenant, cut, value FROM rapport_store.attributes_shown), 'other', region)) AS region,
        if((SELECT count() FROM rapport_store.attributes_over) = 0, org_unit, if(org_unit != '' AND (cases.tenant, 'org_unit') IN (SELECT tenant, cut FROM rapport_store.attributes_over) AND (cases.tenant, 'org_unit', org_unit) NOT IN (SELECT tenant, cut, value FROM rapport_store.attributes_shown), 'other', org_unit)) AS org_unit,
        if((SELECT count() FROM rapport_store.attributes_over) = 0, product, if(product != '' AND (cases.tenant, 'product') IN (SELECT tenant, cut FROM rapport_store.attributes_over) AND (cases.tenant, 'product', product) NOT IN (SELECT tenant, cut, value FROM rapport_store.attributes_shown), 'other', product)) AS product,
        if((SELECT count() FROM rapport_store.attributes_over) = 0, service, if(service != '' AND (cases.tenant, 'service') IN (SELECT tenant, cut FROM rapport_store.attributes_over) AND (cases.tenant, 'service', service) NOT IN (SELECT tenant, cut, value FROM rapport_store.attributes_shown), 'other', service)) AS service,
        if((SELECT count() FROM rapport_store.attributes_over) = 0, channel, if(channel != '' AND (cases.tenant, 'channel') IN (SELECT tenant, cut FROM rapport_store.attributes_over) AND (cases.tenant, 'channel', channel) NOT IN (SELECT tenant, cut, value FROM rapport_store.attributes_shown), 'other', channel)) AS channel,
        if((SELECT count() FROM rapport_store.attributes_over) = 0, segment, if(segment != '' AND (cases.tenant, 'segment') IN (SELECT tenant, cut FROM rapport_store.attributes_over) AND (cases.tenant, 'segment', segment) NOT IN (SELECT tenant, cut, value FROM rapport_store.attributes_shown), 'other', segment)) AS segment,
        if((SELECT count() FROM rapport_store.attributes_over) = 0, agent, if(agent != '' AND (cases.tenant, 'agent') IN (SELECT tenant, cut FROM rapport_store.attributes_over) AND (cases.tenant, 'agent', agent) NOT IN (SELECT tenant, cut, value FROM rapport_store.attributes_shown), 'other', agent)) AS agent,
        count() AS n, countIf(was_resolved) AS resolved, countIf(was_reopened) AS reopened,
        countIf(NOT has(`reached.name`, 'resolved') AND NOT has(`reached.name`, 'closed')) AS open,
        countIf(arrayExists((m, due) -> NOT has(`reached.name`, m) AND due < now64(6, 'UTC'), `due.name`, `due.at`)) AS overdue_open
    FROM rapport_store.case_outcomes AS cases FINAL
    LEFT JOIN (SELECT tenant, time_zone FROM rapport_store.tenants FINAL WHERE time_zone NOT IN ('', 'UTC')) AS zones ON zones.tenant = cases.tenant
    WHERE live AND requested_at IS NOT NULL
    GROUP BY tenant, day, region, org_unit, product, service, channel, segment, agent
)
COMMENT 'Cases per tenant, day of requested and attributes; counts can be added up, rates cannot.';
