-- Complaints and contacts are booked by their own days and attributes; where one of them states less, its row stands alone, so sum both before dividing.
-- Attributes beyond the tenant's cap are shown as other; while no tenant is over with one, its first condition is a constant and nothing is looked up.
CREATE OR REPLACE VIEW rapport.complaint_rate_daily
(
    tenant         LowCardinality(String) COMMENT 'Tenant',
    day            Date32                 COMMENT 'Day in the time zone of the tenant, UTC where it has none',
    region         LowCardinality(String) COMMENT 'Attribute region, as of the contact or the complaint; empty where not stated',
    org_unit       LowCardinality(String) COMMENT 'Attribute org_unit, as of the contact or the complaint; empty where not stated',
    product        LowCardinality(String) COMMENT 'Attribute product, as of the contact or the complaint; empty where not stated',
    service        LowCardinality(String) COMMENT 'Attribute service, as of the contact or the complaint; empty where not stated',
    channel        LowCardinality(String) COMMENT 'Attribute channel, as of the contact or the complaint; empty where not stated',
    segment        LowCardinality(String) COMMENT 'Attribute segment, as of the contact or the complaint; empty where not stated',
    agent          LowCardinality(String) COMMENT 'Attribute agent, as of the contact or the complaint; empty where not stated',
    n              UInt64                 COMMENT 'Contacts = contacts',
    complaints     UInt64                 COMMENT 'Complaints opened',
    contacts       UInt64                 COMMENT 'Answered inbound contacts',
    complaint_rate Nullable(Float64)      COMMENT 'Complaints per 1 000 contacts = 1000 * complaints / contacts; NULL where contacts is 0'
)
AS SELECT
    tenant, day, region, org_unit, product, service, channel, segment, agent, contacts AS n, complaints, contacts, if(contacts = 0, NULL, 1000 * complaints / contacts) AS complaint_rate
FROM
(
    SELECT tenant, day, region, org_unit, product, service, channel, segment, agent, sum(c) AS complaints, sum(k) AS contacts
    FROM
    (
        SELECT tenant, day, region, org_unit, product, service, channel, segment, agent, toUInt64(0) AS c, count() AS k
        FROM rapport_store.contacts_by_day
        WHERE in_chain
        GROUP BY tenant, day, region, org_unit, product, service, channel, segment, agent
        UNION ALL
        SELECT tenant, assumeNotNull(day),
            if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'region') = 0, region, if(tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'region') AND region != '' AND (tenant, region) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'region'), 'other', region)) AS region,
            if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'org_unit') = 0, org_unit, if(tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'org_unit') AND org_unit != '' AND (tenant, org_unit) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'org_unit'), 'other', org_unit)) AS org_unit,
            if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'product') = 0, product, if(tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'product') AND product != '' AND (tenant, product) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'product'), 'other', product)) AS product,
            if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'service') = 0, service, if(tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'service') AND service != '' AND (tenant, service) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'service'), 'other', service)) AS service,
            if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'channel') = 0, channel, if(tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'channel') AND channel != '' AND (tenant, channel) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'channel'), 'other', channel)) AS channel,
            if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'segment') = 0, segment, if(tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'segment') AND segment != '' AND (tenant, segment) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'segment'), 'other', segment)) AS segment,
            if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'agent') = 0, agent, if(tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'agent') AND agent != '' AND (tenant, agent) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'agent'), 'other', agent)) AS agent, count(), 0
        FROM rapport_store.complaints_now
        WHERE day IS NOT NULL
        GROUP BY tenant, day, region, org_unit, product, service, channel, segment, agent
    )
    GROUP BY tenant, day, region, org_unit, product, service, channel, segment, agent
)
COMMENT 'Complaints per 1 000 contacts, by tenant, day and attributes.';
