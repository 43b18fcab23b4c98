-- Versions of a questionnaire are merged as in satisfaction_by_cut_daily: in the order of the versions, to the same bit.
CREATE OR REPLACE VIEW rapport.dimension_by_cut_daily
(
    tenant LowCardinality(String) COMMENT 'Tenant',
    day Date32 COMMENT 'Calendar day in the time zone of the tenant',
    cut LowCardinality(String) COMMENT 'Empty for overall, one of region, org_unit, product, service, channel, segment, agent, or a pair as region,product',
    cut_value LowCardinality(String) COMMENT 'Value of the attribute, empty where it is not stated; a JSON array for a pair',
    questionnaire LowCardinality(String) COMMENT 'Questionnaire; its versions are merged',
    dimension LowCardinality(String) COMMENT 'Dimension of the questionnaire',
    n UInt64 COMMENT 'Valid responses of role customer with an answer in the dimension: the denominator of dimension_score',
    dimension_score Float64 COMMENT 'Mean score of the dimension, 0 to 100'
)
AS
WITH
    arraySort(groupArray((questionnaire_version, num_sum, den))) AS versions
SELECT
    tenant, day, cut, value AS cut_value, questionnaire, dimension,
    sum(cell_n) AS n,
    if(length(versions) = 1, versions[1].2 / (versions[1].3 * n), arraySum(v -> v.2 / v.3, versions) / n) AS dimension_score
FROM rapport_store.dimension_days FINAL
ARRAY JOIN
    `cells.cut_value` AS value,
    `cells.questionnaire` AS questionnaire,
    `cells.questionnaire_version` AS questionnaire_version,
    `cells.role` AS role,
    `cells.dimension` AS dimension,
    `cells.n` AS cell_n,
    `cells.den` AS den,
    `cells.num_sum` AS num_sum
WHERE role = 'customer'
GROUP BY tenant, day, cut, value, questionnaire, dimension
COMMENT 'Daily dimension scores per cut, of role customer';
