-- A row per case and milestone that it reached or that is due, and first_response where there is one; by the day of requested. Cases are sorted by
-- their name, so a filter on the day reads all of the tenant's in any case.
-- Attributes beyond the tenant's cap are shown as other; while no tenant is over with one, its first condition is a constant and nothing is looked up.
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

    if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'region') = 0, region, if(cases.tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'region') AND region != '' AND (cases.tenant, region) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'region'), 'other', region)) AS region,
    if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'org_unit') = 0, org_unit, if(cases.tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'org_unit') AND org_unit != '' AND (cases.tenant, org_unit) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'org_unit'), 'other', org_unit)) AS org_unit,
    if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'product') = 0, product, if(cases.tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'product') AND product != '' AND (cases.tenant, product) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'product'), 'other', product)) AS product,
    if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'service') = 0, service, if(cases.tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'service') AND service != '' AND (cases.tenant, service) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'service'), 'other', service)) AS service,
    if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'channel') = 0, channel, if(cases.tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'channel') AND channel != '' AND (cases.tenant, channel) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'channel'), 'other', channel)) AS channel,
    if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'segment') = 0, segment, if(cases.tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'segment') AND segment != '' AND (cases.tenant, segment) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'segment'), 'other', segment)) AS segment,
    if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'agent') = 0, agent, if(cases.tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'agent') AND agent != '' AND (cases.tenant, agent) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'agent'), 'other', agent)) AS agent, case_id, milestone,
    if(has(`reached.name`, milestone), `reached.at`[indexOf(`reached.name`, milestone)], NULL) AS reached_at,
    if(has(`due.name`, milestone), `due.at`[indexOf(`due.name`, milestone)], NULL) AS due_at,
    if(has(`duration.name`, milestone), `duration.micros`[indexOf(`duration.name`, milestone)], NULL) AS micros,
    if(has(`duration.name`, milestone), `duration.working_micros`[indexOf(`duration.name`, milestone)], NULL) AS working_micros
FROM rapport_store.case_outcomes AS cases FINAL
LEFT JOIN (SELECT tenant, time_zone FROM rapport_store.tenants FINAL WHERE time_zone NOT IN ('', 'UTC')) AS zones ON zones.tenant = cases.tenant
ARRAY JOIN arrayFilter(m -> m NOT IN ('requested', 'reopened'), arrayDistinct(arrayConcat(`reached.name`, `due.name`, `duration.name`))) AS milestone
WHERE live AND requested_at IS NOT NULL
COMMENT 'Milestones of cases, by day of requested: what timeliness is read from.';
