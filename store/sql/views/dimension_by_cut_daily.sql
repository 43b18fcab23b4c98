-- Versions of a questionnaire are merged as in satisfaction_by_cut_daily: in the order of the versions, to the same bit.
-- Attributes beyond the tenant's cap are shown as other; while no tenant is over, the first condition is a constant and nothing is looked up.
CREATE OR REPLACE VIEW rapport.dimension_by_cut_daily
(
    tenant LowCardinality(String) COMMENT 'Tenant',
    day Date32 COMMENT 'Calendar day in the time zone of the tenant',
    cut LowCardinality(String) COMMENT 'Empty for overall, one of region, org_unit, product, service, channel, segment, agent, or a pair as region,product',
    cut_value LowCardinality(String) COMMENT 'Value of the attribute, empty where it is not stated; a JSON array for a pair',
    questionnaire LowCardinality(String) COMMENT 'Questionnaire; its versions are merged',
    dimension LowCardinality(String) COMMENT 'Dimension of the questionnaire',
    n UInt64 COMMENT 'Valid responses of role customer with an answer in the dimension: the denominator of dimension_score',
    dimension_score Nullable(Float64) COMMENT 'Mean score of the dimension, 0 to 100 = dimension_sum / n; NULL where n is 0',
    dimension_sum Float64 COMMENT 'Sum of the scores of the dimension',
    servqual_gap Nullable(Float64) COMMENT 'Mean of perception less expectation, in points of the scale = gap_sum / gap_n; NULL where gap_n is 0',
    gap_n UInt64 COMMENT 'Answers that have both score and expectation',
    gap_sum Int64 COMMENT 'Sum of perception less expectation, in points of the scale',
    importance Nullable(Float64) COMMENT 'Mean stated importance, in points of the scale = importance_sum / importance_n; NULL where importance_n is 0',
    importance_n UInt64 COMMENT 'Answers that state an importance',
    importance_sum Int64 COMMENT 'Sum of the stated importances',
    questionnaire_version LowCardinality(String) COMMENT 'Greatest version among the responses, as text: the one whose weight is shown',
    weight Nullable(Float64) COMMENT 'Part of the dimension in the index of that version, 0 to 1; NULL where no process has told of it yet'
)
AS
SELECT
    tenant, day, cut, value AS cut_value, rows.questionnaire AS questionnaire, rows.dimension AS dimension, n,
    if(n = 0, NULL, if(length(versions) = 1, versions[1].2 / (versions[1].3 * n), dimension_sum / n)) AS dimension_score,
    arraySum(v -> v.2 / v.3, versions) AS dimension_sum,
    if(gap_n = 0, NULL, gap_sum / gap_n) AS servqual_gap,
    gap_n, gap_sum,
    if(importance_n = 0, NULL, importance_sum / importance_n) AS importance,
    importance_n, importance_sum,
    rows.version AS questionnaire_version,
    weights.weight AS weight
FROM
(
    SELECT
        tenant, day, cut,
        if((SELECT count() FROM rapport_store.attributes_over) = 0, stored_value, if(stored_value != '' AND (tenant, cut) IN (SELECT tenant, cut FROM rapport_store.attributes_over) AND (tenant, cut, stored_value) NOT IN (SELECT tenant, cut, value FROM rapport_store.attributes_shown), if(position(cut, ',') > 0, '["other","other"]', 'other'), stored_value)) AS value,
        questionnaire, dimension,
        max(questionnaire_version) AS version,
        sum(cell_n) AS n,
        arraySort(groupArrayIf((questionnaire_version, num_sum, den), cell_n > 0)) AS versions,
        sum(cell_gap_n) AS gap_n,
        sum(cell_gap_sum) AS gap_sum,
        sum(cell_importance_n) AS importance_n,
        sum(cell_importance_sum) AS importance_sum
    FROM rapport_store.dimension_days FINAL
    ARRAY JOIN
        `cells.cut_value` AS stored_value,
        `cells.questionnaire` AS questionnaire,
        `cells.questionnaire_version` AS questionnaire_version,
        `cells.role` AS role,
        `cells.dimension` AS dimension,
        `cells.n` AS cell_n,
        `cells.den` AS den,
        `cells.num_sum` AS num_sum,
        `cells.gap_n` AS cell_gap_n,
        `cells.gap_sum` AS cell_gap_sum,
        `cells.importance_n` AS cell_importance_n,
        `cells.importance_sum` AS cell_importance_sum
    WHERE role = 'customer'
    GROUP BY tenant, day, cut, value, questionnaire, dimension
) AS rows
LEFT JOIN rapport_store.dimension_weights AS weights
    ON weights.questionnaire = rows.questionnaire AND weights.version = rows.version AND weights.dimension = rows.dimension
COMMENT 'Daily dimension scores, gaps and importance per cut, of role customer';
