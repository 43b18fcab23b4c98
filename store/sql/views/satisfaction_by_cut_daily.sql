-- Reads rollups, not facts: the days of a year in milliseconds. Versions of a questionnaire have denominators of their own: where
-- there are several, index_sum / index_den of each is added in the order of the versions, as a float sum in any other order could
-- differ in its last bit. cut_value keeps the type it is stored in: as a String, the engine rewrites cut_value = '' into a subcolumn that is not there.
-- Attributes beyond the tenant's cap are shown as other; while no tenant is over, the first condition is a constant and nothing is looked up.
CREATE OR REPLACE VIEW rapport.satisfaction_by_cut_daily
(
    tenant LowCardinality(String) COMMENT 'Tenant',
    day Date32 COMMENT 'Calendar day in the time zone of the tenant',
    cut LowCardinality(String) COMMENT 'Empty for overall; one of region, org_unit, product, service, channel, segment, agent, or a pair as region,product',
    cut_value LowCardinality(String) COMMENT 'Value of the attribute, empty where it is not stated; a JSON array for a pair',
    questionnaire LowCardinality(String) COMMENT 'Questionnaire; its versions are merged',
    n UInt64 COMMENT 'Valid responses of role customer',
    n_invalid UInt64 COMMENT 'Responses of role customer that the validity rule leaves out of every figure',
    satisfaction_index Nullable(Float64) COMMENT 'Mean index of the responses, 0..100 = index_sum / index_n; NULL where index_n is 0',
    index_n UInt64 COMMENT 'Valid responses that have an index',
    index_sum Float64 COMMENT 'Sum of their indexes',
    csat_top2 Nullable(Float64) COMMENT 'Responses at satisfied or better, % of valid ones = 100 * satisfied_n / n; NULL where no response has a level',
    satisfied_n UInt64 COMMENT 'Responses at satisfied or very_satisfied',
    very_satisfied UInt64 COMMENT 'Responses at level very_satisfied',
    satisfied UInt64 COMMENT 'Responses at level satisfied',
    neutral UInt64 COMMENT 'Responses at level neutral',
    dissatisfied UInt64 COMMENT 'Responses at level dissatisfied',
    very_dissatisfied UInt64 COMMENT 'Responses at level very_dissatisfied',
    very_satisfied_share Nullable(Float64) COMMENT 'Responses at level very_satisfied, % of valid ones = 100 * very_satisfied / n; NULL where no response has a level',
    satisfied_share Nullable(Float64) COMMENT 'Responses at level satisfied, % of valid ones = 100 * satisfied / n; NULL where no response has a level',
    neutral_share Nullable(Float64) COMMENT 'Responses at level neutral, % of valid ones = 100 * neutral / n; NULL where no response has a level',
    dissatisfied_share Nullable(Float64) COMMENT 'Responses at level dissatisfied, % of valid ones = 100 * dissatisfied / n; NULL where no response has a level',
    very_dissatisfied_share Nullable(Float64) COMMENT 'Responses at level very_dissatisfied, % of valid ones = 100 * very_dissatisfied / n; NULL where no response has a level',
    nps Nullable(Float64) COMMENT 'Net promoter score, -100..100 = 100 * (promoters - detractors) / nps_n; NULL where nps_n is 0',
    nps_n UInt64 COMMENT 'Valid responses that answer the NPS question',
    promoters UInt64 COMMENT 'Of these at 9 or 10',
    passives UInt64 COMMENT 'Of these at 7 or 8',
    detractors UInt64 COMMENT 'Of these at 0 to 6',
    ces Nullable(Float64) COMMENT 'Mean ease, 1..7, higher is easier = ces_sum / ces_n; NULL where ces_n is 0',
    ces_n UInt64 COMMENT 'Valid responses that answer the ease question',
    ces_sum Int64 COMMENT 'Sum of their answers'
)
AS
WITH rows AS
(
    SELECT
        tenant, day, cut,
        if((SELECT count() FROM rapport_store.attributes_over) = 0, stored_value, if(stored_value != '' AND (tenant, cut) IN (SELECT tenant, cut FROM rapport_store.attributes_over) AND (tenant, cut, stored_value) NOT IN (SELECT tenant, cut, value FROM rapport_store.attributes_shown), if(position(cut, ',') > 0, '["other","other"]', 'other'), stored_value)) AS value,
        questionnaire,
        sum(cell_n) AS n,
        sum(cell_n_invalid) AS n_invalid,
        sum(cell_index_n) AS index_n,
        arraySort(groupArrayIf((questionnaire_version, cell_index_sum, index_den), cell_index_n > 0)) AS versions,
        arraySum(v -> v.2 / v.3, versions) AS index_sum,
        if(length(versions) = 1, versions[1].2 / (versions[1].3 * index_n), index_sum / index_n) AS mean_index,
        sum(cell_very_satisfied) AS very_satisfied,
        sum(cell_satisfied) AS satisfied,
        sum(cell_neutral) AS neutral,
        sum(cell_dissatisfied) AS dissatisfied,
        sum(cell_very_dissatisfied) AS very_dissatisfied,
        sum(cell_promoters) AS promoters,
        sum(cell_detractors) AS detractors,
        sum(cell_passives) AS passives,
        sum(cell_ces_n) AS ces_n,
        sum(cell_ces_sum) AS ces_sum
    FROM rapport_store.satisfaction_days FINAL
    ARRAY JOIN
        `cells.cut_value` AS stored_value,
        `cells.questionnaire` AS questionnaire,
        `cells.questionnaire_version` AS questionnaire_version,
        `cells.role` AS role,
        `cells.n` AS cell_n,
        `cells.n_invalid` AS cell_n_invalid,
        `cells.index_n` AS cell_index_n,
        `cells.index_den` AS index_den,
        `cells.index_sum` AS cell_index_sum,
        `cells.very_satisfied` AS cell_very_satisfied,
        `cells.satisfied` AS cell_satisfied,
        `cells.neutral` AS cell_neutral,
        `cells.dissatisfied` AS cell_dissatisfied,
        `cells.very_dissatisfied` AS cell_very_dissatisfied,
        `cells.promoters` AS cell_promoters,
        `cells.passives` AS cell_passives,
        `cells.detractors` AS cell_detractors,
        `cells.ces_n` AS cell_ces_n,
        `cells.ces_sum` AS cell_ces_sum
    WHERE role = 'customer'
    GROUP BY tenant, day, cut, value, questionnaire
)
SELECT
    tenant, day, cut, value AS cut_value, questionnaire,
    n, n_invalid,
    if(index_n = 0, NULL, mean_index) AS satisfaction_index,
    index_n,
    index_sum,
    if(index_n = 0, NULL, 100 * (very_satisfied + satisfied) / n) AS csat_top2,
    very_satisfied + satisfied AS satisfied_n,
    very_satisfied, satisfied, neutral, dissatisfied, very_dissatisfied,
    if(index_n = 0, NULL, 100 * very_satisfied / n) AS very_satisfied_share,
    if(index_n = 0, NULL, 100 * satisfied / n) AS satisfied_share,
    if(index_n = 0, NULL, 100 * neutral / n) AS neutral_share,
    if(index_n = 0, NULL, 100 * dissatisfied / n) AS dissatisfied_share,
    if(index_n = 0, NULL, 100 * very_dissatisfied / n) AS very_dissatisfied_share,
    promoters + passives + detractors AS nps_n,
    if(nps_n = 0, NULL, 100 * (toInt64(promoters) - toInt64(detractors)) / nps_n) AS nps,
    promoters, passives, detractors,
    if(ces_n = 0, NULL, ces_sum / ces_n) AS ces,
    ces_n, ces_sum
FROM rows
COMMENT 'Daily satisfaction figures per cut, of role customer';
