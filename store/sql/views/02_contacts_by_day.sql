-- The contacts that hold, by day of the tenant, in two ways for the reason that 00_survey_facts_by_day.sql gives.
-- Attributes beyond the tenant's cap are shown as other; while no tenant is over with one, its first condition is a constant and nothing is looked up.
CREATE OR REPLACE VIEW rapport_store.contacts_by_day
(
    tenant           LowCardinality(String)         COMMENT 'Tenant',
    day              Date32                         COMMENT 'Day in the time zone of the tenant, UTC where it has none',
    hour             DateTime('UTC')                COMMENT 'Hour, UTC',
    region           LowCardinality(String)         COMMENT 'Attribute region, as of the contact; empty where not stated',
    org_unit         LowCardinality(String)         COMMENT 'Attribute org_unit, as of the contact; empty where not stated',
    product          LowCardinality(String)         COMMENT 'Attribute product, as of the contact; empty where not stated',
    service          LowCardinality(String)         COMMENT 'Attribute service, as of the contact; empty where not stated',
    channel          LowCardinality(String)         COMMENT 'Attribute channel, as of the contact; empty where not stated',
    segment          LowCardinality(String)         COMMENT 'Attribute segment, as of the contact; empty where not stated',
    agent            LowCardinality(String)         COMMENT 'Attribute agent, as of the contact; empty where not stated',
    direction        LowCardinality(String)         COMMENT 'inbound or outbound',
    answered         Bool                           COMMENT 'Whether somebody answered',
    in_chain         Bool                           COMMENT 'Answered and inbound',
    is_first         Bool                           COMMENT 'No contact of the chain in the window before it',
    episode          UInt32                         COMMENT 'Contacts of the episode that it begins',
    later            Bool                           COMMENT 'Another contact of the chain in the window after it',
    fcr              LowCardinality(String)         COMMENT 'yes, no or empty',
    fcr_reason       LowCardinality(String)         COMMENT 'Why not',
    resolved         Nullable(Bool)                 COMMENT 'What the publishing app says',
    wait_micros      Nullable(Int64)                COMMENT 'Wait, microseconds',
    talk_micros      Nullable(Int64)                COMMENT 'Talk, microseconds',
    hold_micros      Nullable(Int64)                COMMENT 'Hold, microseconds',
    wrap_micros      Nullable(Int64)                COMMENT 'Work after the contact, microseconds',
    in_service_level Bool                           COMMENT 'Answered within the limit',
    confirmed_at     Nullable(DateTime64(6, 'UTC')) COMMENT 'End of the window of a first contact'
)
AS SELECT
    tenant, toDate32(hour) AS day, hour,
    if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'region') = 0, region, if(tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'region') AND region != '' AND (tenant, region) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'region'), 'other', region)) AS region,
    if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'org_unit') = 0, org_unit, if(tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'org_unit') AND org_unit != '' AND (tenant, org_unit) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'org_unit'), 'other', org_unit)) AS org_unit,
    if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'product') = 0, product, if(tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'product') AND product != '' AND (tenant, product) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'product'), 'other', product)) AS product,
    if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'service') = 0, service, if(tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'service') AND service != '' AND (tenant, service) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'service'), 'other', service)) AS service,
    if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'channel') = 0, channel, if(tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'channel') AND channel != '' AND (tenant, channel) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'channel'), 'other', channel)) AS channel,
    if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'segment') = 0, segment, if(tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'segment') AND segment != '' AND (tenant, segment) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'segment'), 'other', segment)) AS segment,
    if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'agent') = 0, agent, if(tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'agent') AND agent != '' AND (tenant, agent) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'agent'), 'other', agent)) AS agent, direction, answered, in_chain, is_first, episode, later, fcr, fcr_reason, resolved, wait_micros, talk_micros, hold_micros, wrap_micros, in_service_level, confirmed_at
FROM rapport_store.contact_outcomes FINAL
WHERE live
    AND tenant NOT IN (SELECT tenant FROM rapport_store.tenants FINAL WHERE time_zone NOT IN ('', 'UTC'))
UNION ALL
SELECT
    facts.tenant, toDate32(toString(toDateTime(occurred_at, 'UTC'), zones.time_zone)) AS day, hour,
    if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'region') = 0, region, if(facts.tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'region') AND region != '' AND (facts.tenant, region) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'region'), 'other', region)) AS region,
    if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'org_unit') = 0, org_unit, if(facts.tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'org_unit') AND org_unit != '' AND (facts.tenant, org_unit) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'org_unit'), 'other', org_unit)) AS org_unit,
    if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'product') = 0, product, if(facts.tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'product') AND product != '' AND (facts.tenant, product) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'product'), 'other', product)) AS product,
    if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'service') = 0, service, if(facts.tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'service') AND service != '' AND (facts.tenant, service) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'service'), 'other', service)) AS service,
    if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'channel') = 0, channel, if(facts.tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'channel') AND channel != '' AND (facts.tenant, channel) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'channel'), 'other', channel)) AS channel,
    if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'segment') = 0, segment, if(facts.tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'segment') AND segment != '' AND (facts.tenant, segment) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'segment'), 'other', segment)) AS segment,
    if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'agent') = 0, agent, if(facts.tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'agent') AND agent != '' AND (facts.tenant, agent) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'agent'), 'other', agent)) AS agent, direction, answered, in_chain, is_first, episode, later, fcr, fcr_reason, resolved, wait_micros, talk_micros, hold_micros, wrap_micros, in_service_level, confirmed_at
FROM rapport_store.contact_outcomes AS facts FINAL
INNER JOIN (SELECT tenant, time_zone FROM rapport_store.tenants FINAL WHERE time_zone NOT IN ('', 'UTC')) AS zones ON zones.tenant = facts.tenant
WHERE live
COMMENT 'Contacts that hold, by day of the tenant: what the daily views read.';
