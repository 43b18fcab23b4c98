-- The rate of satisfied customers is of means per customer over a whole window, so that it cannot be added up from days: what can be is here.
-- index_sum is an integer sum over the one denominator of a version, divided once to 18 places; a mean of it rounded to 15 places is exact
-- wherever denominator x responses of the customer is below 10^9, since no fraction of so few parts lies closer to a threshold without being it.
CREATE OR REPLACE VIEW rapport.customer_satisfaction_daily
(
    tenant              LowCardinality(String)   COMMENT 'Tenant',
    day                 Date32                   COMMENT 'Day in the time zone of the tenant, UTC where it has none',
    questionnaire       LowCardinality(String)   COMMENT 'Questionnaire',
    customer_id         String                   COMMENT 'Customer; responses that name none are not here',
    n                   UInt64                   COMMENT 'Valid responses of the customer that have an index',
    index_sum           Decimal(38, 18)          COMMENT 'Sum of their indexes; sum(index_sum) / sum(n) over a window is the mean index of the customer, 0..100',
    satisfaction_index  Float64                  COMMENT 'Mean index of that day alone, 0..100 = index_sum / n',
    satisfied_threshold Nullable(Decimal(9, 6))  COMMENT 'Mean index from which a customer counts as satisfied, by the greatest version among the responses; NULL where no process has told of it yet'
)
AS SELECT
    tenant, day, rows.questionnaire AS questionnaire, customer_id, index_n AS n,
    arraySum((den, num) -> toDecimal128(num, 18) / den, sums.1, sums.2) AS index_sum,
    toFloat64(index_sum) / n AS satisfaction_index,
    thresholds.satisfied_threshold AS satisfied_threshold
FROM
(
    SELECT
        tenant, day, questionnaire, customer_id,
        max(questionnaire_version) AS newest,
        count() AS index_n,
        sumMap([index_den], [index_num]) AS sums
    FROM rapport_store.survey_facts_by_day
    WHERE valid AND role = 'customer' AND index_den > 0 AND customer_id != ''
    GROUP BY tenant, day, questionnaire, customer_id
) AS rows
LEFT JOIN
(
    SELECT id AS questionnaire, version, toNullable(satisfied_threshold) AS satisfied_threshold FROM rapport_store.questionnaire_details FINAL
) AS thresholds ON thresholds.questionnaire = rows.questionnaire AND thresholds.version = rows.newest
COMMENT 'Mean index of each customer per day: what the rate of satisfied customers of any window is made of.';
