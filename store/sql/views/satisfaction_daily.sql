-- Sums are of integers while all denominators of a group are equal, as within one version of a questionnaire; across versions
-- they are of decimals with 18 places: neither depends on the order of rows, as a sum of floats would.
-- Responses of a tenant with very many are not grouped (tenants_ungrouped); of the two parts, the sort key prunes the one that is not the tenant's.
CREATE OR REPLACE VIEW rapport.satisfaction_daily
(
    tenant                  LowCardinality(String) COMMENT 'Whose responses they are',
    day                     Date32                 COMMENT 'Day in the time zone of the tenant, UTC where it has none',
    region                  LowCardinality(String) COMMENT 'Attribute region, as of the response; empty where not stated',
    org_unit                LowCardinality(String) COMMENT 'Attribute org_unit, as of the response; empty where not stated',
    product                 LowCardinality(String) COMMENT 'Attribute product, as of the response; empty where not stated',
    service                 LowCardinality(String) COMMENT 'Attribute service, as of the response; empty where not stated',
    channel                 LowCardinality(String) COMMENT 'Attribute channel, as of the response; empty where not stated',
    segment                 LowCardinality(String) COMMENT 'Attribute segment, as of the response; empty where not stated',
    agent                   LowCardinality(String) COMMENT 'Attribute agent, as of the response; empty where not stated',
    questionnaire           LowCardinality(String) COMMENT 'Questionnaire',
    n                       UInt64                 COMMENT 'Valid responses of customers',
    n_invalid               UInt64                 COMMENT 'Responses of customers that miss the validity rule; in no other figure',
    satisfaction_index      Nullable(Float64)      COMMENT 'Mean index of the responses, 0..100 = index_sum / index_n; NULL where index_n is 0',
    index_n                 UInt64                 COMMENT 'Valid responses that have an index',
    index_sum               Float64                COMMENT 'Sum of their indexes',
    csat_top2               Nullable(Float64)      COMMENT 'Responses at satisfied or better, % of valid ones = 100 * satisfied_n / n; NULL where no response has a level',
    satisfied_n             UInt64                 COMMENT 'Responses at satisfied or very_satisfied',
    very_satisfied          UInt64                 COMMENT 'Responses at level very_satisfied',
    satisfied               UInt64                 COMMENT 'Responses at level satisfied',
    neutral                 UInt64                 COMMENT 'Responses at level neutral',
    dissatisfied            UInt64                 COMMENT 'Responses at level dissatisfied',
    very_dissatisfied       UInt64                 COMMENT 'Responses at level very_dissatisfied',
    very_satisfied_share    Nullable(Float64)      COMMENT 'Responses at level very_satisfied, % of valid ones = 100 * very_satisfied / n; NULL where no response has a level',
    satisfied_share         Nullable(Float64)      COMMENT 'Responses at level satisfied, % of valid ones = 100 * satisfied / n; NULL where no response has a level',
    neutral_share           Nullable(Float64)      COMMENT 'Responses at level neutral, % of valid ones = 100 * neutral / n; NULL where no response has a level',
    dissatisfied_share      Nullable(Float64)      COMMENT 'Responses at level dissatisfied, % of valid ones = 100 * dissatisfied / n; NULL where no response has a level',
    very_dissatisfied_share Nullable(Float64)      COMMENT 'Responses at level very_dissatisfied, % of valid ones = 100 * very_dissatisfied / n; NULL where no response has a level',
    nps                     Nullable(Float64)      COMMENT 'Net promoter score, -100..100 = 100 * (promoters - detractors) / nps_n; NULL where nps_n is 0',
    nps_n                   UInt64                 COMMENT 'Valid responses that answer the NPS question',
    promoters               UInt64                 COMMENT 'Of these at 9 or 10',
    passives                UInt64                 COMMENT 'Of these at 7 or 8',
    detractors              UInt64                 COMMENT 'Of these at 0 to 6',
    ces                     Nullable(Float64)      COMMENT 'Mean ease, 1..7, higher is easier = ces_sum / ces_n; NULL where ces_n is 0',
    ces_n                   UInt64                 COMMENT 'Valid responses that answer the ease question',
    ces_sum                 Int64                  COMMENT 'Sum of their answers'
)
AS SELECT
    tenant, day, region, org_unit, product, service, channel, segment, agent, questionnaire, n, n_invalid,
    if(index_n = 0, NULL, if(index_den_min = index_den_max, index_num_sum / (index_den_min * index_n), toFloat64(index_decimal) / index_n)) AS satisfaction_index,
    index_n,
    if(index_n = 0, 0, if(index_den_min = index_den_max, index_num_sum / index_den_min, toFloat64(index_decimal))) AS index_sum,
    if(index_n = 0, NULL, 100 * (very_satisfied + satisfied) / n) AS csat_top2,
    very_satisfied + satisfied AS satisfied_n,
    very_satisfied, satisfied, neutral, dissatisfied, very_dissatisfied,
    if(index_n = 0, NULL, 100 * very_satisfied / n) AS very_satisfied_share,
    if(index_n = 0, NULL, 100 * satisfied / n) AS satisfied_share,
    if(index_n = 0, NULL, 100 * neutral / n) AS neutral_share,
    if(index_n = 0, NULL, 100 * dissatisfied / n) AS dissatisfied_share,
    if(index_n = 0, NULL, 100 * very_dissatisfied / n) AS very_dissatisfied_share,
    if(nps_n = 0, NULL, 100 * (toInt64(promoters) - toInt64(detractors)) / nps_n) AS nps,
    nps_n, promoters, passives, detractors,
    if(ces_n = 0, NULL, ces_sum / ces_n) AS ces,
    ces_n, ces_sum
FROM
(
    SELECT
        tenant, day, region, org_unit, product, service, channel, segment, agent, questionnaire,
        countIf(valid) AS n,
        countIf(NOT valid) AS n_invalid,
        countIf(valid AND index_den > 0) AS index_n,
        sumIf(index_num, valid AND index_den > 0) AS index_num_sum,
        minIf(index_den, valid AND index_den > 0) AS index_den_min,
        maxIf(index_den, valid AND index_den > 0) AS index_den_max,
        sumIf(toDecimal128(index_num, 18) / greatest(index_den, 1), valid AND index_den > 0) AS index_decimal,
        countIf(valid AND level = 'very_satisfied') AS very_satisfied,
        countIf(valid AND level = 'satisfied') AS satisfied,
        countIf(valid AND level = 'neutral') AS neutral,
        countIf(valid AND level = 'dissatisfied') AS dissatisfied,
        countIf(valid AND level = 'very_dissatisfied') AS very_dissatisfied,
        countIf(valid AND nps IS NOT NULL) AS nps_n,
        countIf(valid AND nps >= 9) AS promoters,
        countIf(valid AND nps BETWEEN 7 AND 8) AS passives,
        countIf(valid AND nps <= 6) AS detractors,
        countIf(valid AND ces IS NOT NULL) AS ces_n,
        sumIf(ifNull(toInt64(ces), 0), valid) AS ces_sum
    FROM rapport_store.survey_facts_by_day
    WHERE role = 'customer' AND tenant NOT IN (SELECT tenant FROM rapport_store.tenants_ungrouped)
    GROUP BY tenant, day, region, org_unit, product, service, channel, segment, agent, questionnaire
)
UNION ALL
SELECT
    tenant, day, region, org_unit, product, service, channel, segment, agent, questionnaire, toUInt64(valid) AS n, toUInt64(NOT valid) AS n_invalid,
    if(index_n = 0, NULL, index_num / index_den) AS satisfaction_index,
    toUInt64(valid AND index_den > 0) AS index_n,
    index_num * index_n / greatest(index_den, 1) AS index_sum,
    if(index_n = 0, NULL, 100. * satisfied_n) AS csat_top2,
    very_satisfied + satisfied AS satisfied_n,
    toUInt64(valid AND level = 'very_satisfied') AS very_satisfied,
    toUInt64(valid AND level = 'satisfied') AS satisfied,
    toUInt64(valid AND level = 'neutral') AS neutral,
    toUInt64(valid AND level = 'dissatisfied') AS dissatisfied,
    toUInt64(valid AND level = 'very_dissatisfied') AS very_dissatisfied,
    if(index_n = 0, NULL, 100. * very_satisfied) AS very_satisfied_share,
    if(index_n = 0, NULL, 100. * satisfied) AS satisfied_share,
    if(index_n = 0, NULL, 100. * neutral) AS neutral_share,
    if(index_n = 0, NULL, 100. * dissatisfied) AS dissatisfied_share,
    if(index_n = 0, NULL, 100. * very_dissatisfied) AS very_dissatisfied_share,
    if(nps_n = 0, NULL, 100. * (toInt64(promoters) - toInt64(detractors))) AS nps,
    toUInt64(valid AND isNotNull(facts.nps)) AS nps_n,
    toUInt64(valid AND ifNull(facts.nps, 0) >= 9) AS promoters,
    toUInt64(valid AND ifNull(facts.nps, 0) BETWEEN 7 AND 8) AS passives,
    toUInt64(valid AND ifNull(facts.nps, 7) <= 6) AS detractors,
    if(ces_n = 0, NULL, toFloat64(facts.ces)) AS ces,
    toUInt64(valid AND isNotNull(facts.ces)) AS ces_n,
    if(valid, ifNull(toInt64(facts.ces), 0), 0) AS ces_sum
FROM rapport_store.survey_facts_by_day AS facts
WHERE role = 'customer' AND tenant IN (SELECT tenant FROM rapport_store.tenants_ungrouped)
COMMENT 'Satisfaction per tenant, day, attributes and questionnaire, of customers alone; counts and sums can be added up, rates and means cannot.';
