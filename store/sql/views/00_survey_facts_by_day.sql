-- The facts that hold, with the day of the tenant's time zone. A time zone cannot be a column's and still be exact in a type, but toString
-- takes it per row. Tenants of UTC come by a way of their own: there the day is a function of the sort key, so that a filter on it prunes
-- months and granules; for others a filter on the day reads the whole tenant. The join knows its tenants, too: the sort key prunes by the set and not by the join.
-- Attributes beyond the tenant's cap are shown as other. Tenants that are over with one come by a way of their own, too: what is looked at per row
-- costs LowCardinality columns their dictionaries, which takes as long as all the rest. Where no tenant of a zone is over, the first condition is a constant.
CREATE OR REPLACE VIEW rapport_store.survey_facts_by_day
(
    tenant                 LowCardinality(String)        COMMENT 'Tenant',
    day                    Date32                        COMMENT 'Day in the time zone of the tenant, UTC where it has none',
    hour                   DateTime('UTC')               COMMENT 'Hour, UTC',
    questionnaire          LowCardinality(String)        COMMENT 'Questionnaire',
    questionnaire_version  LowCardinality(String)        COMMENT 'Version that scored the response',
    customer_id            String                        COMMENT 'Customer; empty where not known',
    role                   LowCardinality(String)        COMMENT 'Role',
    region                 LowCardinality(String)        COMMENT 'Attribute region, as of the response; empty where not stated',
    org_unit               LowCardinality(String)        COMMENT 'Attribute org_unit, as of the response; empty where not stated',
    product                LowCardinality(String)        COMMENT 'Attribute product, as of the response; empty where not stated',
    service                LowCardinality(String)        COMMENT 'Attribute service, as of the response; empty where not stated',
    channel                LowCardinality(String)        COMMENT 'Attribute channel, as of the response; empty where not stated',
    segment                LowCardinality(String)        COMMENT 'Attribute segment, as of the response; empty where not stated',
    agent                  LowCardinality(String)        COMMENT 'Attribute agent, as of the response; empty where not stated',
    valid                  Bool                          COMMENT 'Meets the validity rule',
    index_num              Int64                         COMMENT 'Satisfaction index, numerator',
    index_den              Int64                         COMMENT 'Satisfaction index, denominator; 0 where there is no index',
    level                  LowCardinality(String)        COMMENT 'Level of the index; empty where there is none',
    nps                    Nullable(Int8)                COMMENT 'Likelihood to recommend, 0..10',
    ces                    Nullable(Int8)                COMMENT 'Ease, 1..7',
    resolved_first_contact Nullable(Bool)                COMMENT 'Whether the customer says the issue was resolved at first contact',
    `answers.dimension`    Array(LowCardinality(String)) COMMENT 'Dimension of each answered item',
    `answers.score`        Array(Nullable(Int16))        COMMENT 'Score of each answered item',
    `answers.expectation`  Array(Nullable(Int16))        COMMENT 'Expectation of each answered item',
    `answers.importance`   Array(Nullable(Int16))        COMMENT 'Stated importance of each answered item',
    `dimensions.dimension` Array(LowCardinality(String)) COMMENT 'Dimensions with a score',
    `dimensions.num`       Array(Int64)                  COMMENT 'Score of each dimension, numerator',
    `dimensions.den`       Array(Int64)                  COMMENT 'Score of each dimension, denominator'
)
AS SELECT
    tenant, toDate32(hour) AS day, hour, questionnaire, questionnaire_version, customer_id, role,
    region, org_unit, product, service, channel, segment, agent, valid, index_num, index_den, level, nps, ces, resolved_first_contact,
    `answers.dimension`, `answers.score`, `answers.expectation`, `answers.importance`, `dimensions.dimension`, `dimensions.num`, `dimensions.den`
FROM rapport_store.survey_facts FINAL
WHERE NOT retracted AND NOT superseded
    AND tenant NOT IN (SELECT tenant FROM rapport_store.tenants FINAL WHERE time_zone NOT IN ('', 'UTC'))
    AND tenant NOT IN (SELECT tenant FROM rapport_store.attributes_over)
UNION ALL
SELECT
    tenant, toDate32(hour) AS day, hour, questionnaire, questionnaire_version, customer_id, role,
    if(tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'region') AND region != '' AND (tenant, region) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'region'), 'other', region) AS region,
    if(tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'org_unit') AND org_unit != '' AND (tenant, org_unit) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'org_unit'), 'other', org_unit) AS org_unit,
    if(tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'product') AND product != '' AND (tenant, product) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'product'), 'other', product) AS product,
    if(tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'service') AND service != '' AND (tenant, service) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'service'), 'other', service) AS service,
    if(tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'channel') AND channel != '' AND (tenant, channel) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'channel'), 'other', channel) AS channel,
    if(tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'segment') AND segment != '' AND (tenant, segment) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'segment'), 'other', segment) AS segment,
    if(tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'agent') AND agent != '' AND (tenant, agent) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'agent'), 'other', agent) AS agent, valid, index_num, index_den, level, nps, ces, resolved_first_contact,
    `answers.dimension`, `answers.score`, `answers.expectation`, `answers.importance`, `dimensions.dimension`, `dimensions.num`, `dimensions.den`
FROM rapport_store.survey_facts FINAL
WHERE NOT retracted AND NOT superseded
    AND tenant NOT IN (SELECT tenant FROM rapport_store.tenants FINAL WHERE time_zone NOT IN ('', 'UTC'))
    AND tenant IN (SELECT tenant FROM rapport_store.attributes_over)
UNION ALL
SELECT
    facts.tenant, toDate32(toString(toDateTime(occurred_at, 'UTC'), zones.time_zone)) AS day, hour, questionnaire, questionnaire_version, customer_id, role,
    if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'region') = 0, region, if(facts.tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'region') AND region != '' AND (facts.tenant, region) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'region'), 'other', region)) AS region,
    if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'org_unit') = 0, org_unit, if(facts.tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'org_unit') AND org_unit != '' AND (facts.tenant, org_unit) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'org_unit'), 'other', org_unit)) AS org_unit,
    if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'product') = 0, product, if(facts.tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'product') AND product != '' AND (facts.tenant, product) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'product'), 'other', product)) AS product,
    if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'service') = 0, service, if(facts.tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'service') AND service != '' AND (facts.tenant, service) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'service'), 'other', service)) AS service,
    if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'channel') = 0, channel, if(facts.tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'channel') AND channel != '' AND (facts.tenant, channel) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'channel'), 'other', channel)) AS channel,
    if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'segment') = 0, segment, if(facts.tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'segment') AND segment != '' AND (facts.tenant, segment) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'segment'), 'other', segment)) AS segment,
    if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'agent') = 0, agent, if(facts.tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'agent') AND agent != '' AND (facts.tenant, agent) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'agent'), 'other', agent)) AS agent, valid, index_num, index_den, level, nps, ces, resolved_first_contact,
    `answers.dimension`, `answers.score`, `answers.expectation`, `answers.importance`, `dimensions.dimension`, `dimensions.num`, `dimensions.den`
FROM rapport_store.survey_facts AS facts FINAL
INNER JOIN (SELECT tenant, time_zone FROM rapport_store.tenants FINAL WHERE time_zone NOT IN ('', 'UTC')) AS zones ON zones.tenant = facts.tenant
WHERE NOT retracted AND NOT superseded
    AND facts.tenant IN (SELECT tenant FROM rapport_store.tenants FINAL WHERE time_zone NOT IN ('', 'UTC'))
COMMENT 'Facts that hold, by day of the tenant: what the daily views read.';
