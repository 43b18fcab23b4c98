-- A row per case and milestone that it reached or that is due, and first_response where there is one; by the day of requested. Cases are sorted by
-- their name, so a filter on the day reads all of the tenant's in any case.
-- Attributes beyond the tenant's cap are shown as other; while no tenant is over, the first condition is a constant and nothing is looked up.
CREATE OR REPLACE VIEW rapport_store.case_milestones
(
    tenant         LowCardinality(String)         COMMENT 'Tenant',
    day            Date32                         COMMENT 'Day in the time zone of the tenant, UTC where it has none',
    region         LowCardinality(String)         COMMENT 'Attribute region, as of the request; empty where not stated',
    org_unit       LowCardinality(String)         COMMENT 'Attribute org_unit, as of the request; empty where not stated',
    product        LowCardinality(String)         COMMENT 'Attribute product, as of the request; empty where not stated',
    service        LowCardinality(String)         COMMENT 'Attribute service, as of the request; empty where not stated',
    channel        LowCardinality(String)         COMMENT 'Attribute channel, as of the request; empty where not stated',
    segment        LowCardinality(String)         COMMENT 'Attribute segment, as of the request; empty where not stated',
    agent          LowCardinality(String)         COMMENT 'Attribute agent, as of the request; empty where not stated',
    case_id        String                         COMMENT 'Case',
    milestone      LowCardinality(String)         COMMENT 'Milestone, or first_response',
    reached_at     Nullable(DateTime64(6, 'UTC')) COMMENT 'When it was reached',
    due_at         Nullable(DateTime64(6, 'UTC')) COMMENT 'When it is due',
    micros         Nullable(Int64)                COMMENT 'Time from requested, microseconds',
    working_micros Nullable(Int64)                COMMENT 'Working time from requested, microseconds'
)
AS SELECT
    cases.tenant AS tenant, toDate32(toString(toDateTime(assumeNotNull(requested_at), 'UTC'), if(zones.time_zone = '', 'UTC', zones.time_zone))) AS day,

    if((SELECT count() FROM rapport_store.attributes_over) = 0, region, if(region != '' AND (cases.tenant, 'region') IN (SELECT tenant, cut FROM rapport_store.attributes_over) AND (cases.tenant, 'region', region) NOT IN (SELECT tenant, cut, value FROM rapport_store.attributes_shown), 'other', region)) AS region,
    if((SELECT count() FROM rapport_store.attributes_over) = 0, org_unit, if(org_unit != '' AND (cases.tenant, 'org_unit') IN (SELECT tenant, cut FROM rapport_store.attributes_over) AND (cases.tenant, 'org_unit', org_unit) NOT IN (SELECT tenant, cut, value FROM rapport_store.attributes_shown), 'other', org_unit)) AS org_unit,
    if((SELECT count() FROM rapport_store.attributes_over) = 0, product, if(product != '' AND (cases.tenant, 'product') IN (SELECT tenant, cut FROM rapport_store.attributes_over) AND (cases.tenant, 'product', product) NOT IN (SELECT tenant, cut, value FROM rapport_store.attributes_shown), 'other', product)) AS product,
    if((SELECT count() FROM rapport_store.attributes_over) = 0, service, if(service != '' AND (cases.tenant, 'service') IN (SELECT tenant, cut FROM rapport_store.attributes_over) AND (cases.tenant, 'service', service) NOT IN (SELECT tenant, cut, value FROM rapport_store.attributes_shown), 'other', service)) AS service,
    if((SELECT count() FROM rapport_store.attributes_over) = 0, channel, if(channel != '' AND (cases.tenant, 'channel') IN (SELECT tenant, cut FROM rapport_store.attributes_over) AND (cases.tenant, 'channel', channel) NOT IN (SELECT tenant, cut, value FROM rapport_store.attributes_shown), 'other', channel)) AS channel,
    if((SELECT count() FROM rapport_store.attributes_over) = 0, segment, if(segment != '' AND (cases.tenant, 'segment') IN (SELECT tenant, cut FROM rapport_store.attributes_over) AND (cases.tenant, 'segment', segment) NOT IN (SELECT tenant, cut, value FROM rapport_store.attributes_shown), 'other', segment)) AS segment,
    if((SELECT count() FROM rapport_store.attributes_over) = 0, agent, if(agent != '' AND (cases.tenant, 'agent') IN (SELECT tenant, cut FROM rapport_store.attributes_over) AND (cases.tenant, 'agent', agent) NOT IN (SELECT tenant, cut, value FROM rapport_store.attributes_shown), 'other', agent)) AS agent, case_id, milestone,
    if(has(`reached.name`, milestone), `reached.at`[indexOf(`reached.name`, milestone)], NULL) AS reached_at,
    if(has(`due.name`, milestone), `due.at`[indexOf(`due.name`, milestone)], NULL) AS due_at,
    if(has(`duration.name`, milestone), `duration.micros`[indexOf(`duration.name`, milestone)], NULL) AS micros,
    if(has(`duration.name`, milestone), `duration.working_micros`[indexOf(`duration.name`, milestone)], NULL) AS working_micros
FROM rapport_store.case_outcomes AS cases FINAL
LEFT JOIN (SELECT tenant, time_zone FROM rapport_store.tenants FINAL WHERE time_zone NOT IN ('', 'UTC')) AS zones ON zones.tenant = cases.tenant
ARRAY JOIN arrayFilter(m -> m NOT IN ('requested', 'reopened'), arrayDistinct(arrayConcat(`reached.name`, `due.name`, `duration.name`))) AS milestone
WHERE live AND requested_at IS NOT NULL
COMMENT 'Milestones of cases, by day of requested: what timeliness is read from.';
