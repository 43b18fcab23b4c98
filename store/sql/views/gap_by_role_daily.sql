-- Sums are of integers within a version of a questionnaire, and merged in the order of the versions, as in dimension_by_cut_daily.
-- Attributes beyond the tenant's cap are shown as other; while no tenant is over, the first condition is a constant and nothing is looked up.
CREATE OR REPLACE VIEW rapport.gap_by_role_daily
(
    tenant         LowCardinality(String) COMMENT 'Tenant',
    day            Date32                 COMMENT 'Calendar day in the time zone of the tenant',
    cut            LowCardinality(String) COMMENT 'Empty for overall, one of region, org_unit, product, service, channel, segment, agent, or a pair as region,product',
    cut_value      LowCardinality(String) COMMENT 'Value of the attribute, empty where it is not stated; a JSON array for a pair',
    questionnaire  LowCardinality(String) COMMENT 'Questionnaire; its versions are merged',
    dimension      LowCardinality(String) COMMENT 'Dimension of the questionnaire',
    customer_score Nullable(Float64)      COMMENT 'Mean score of the dimension, 0..100, as customers see it = customer_sum / customer_n; NULL where customer_n is 0',
    customer_n     UInt64                 COMMENT 'Valid responses of customers with an answer in the dimension',
    customer_sum   Float64                COMMENT 'Sum of their scores',
    employee_score Nullable(Float64)      COMMENT 'The same as employees see it = employee_sum / employee_n; NULL where employee_n is 0',
    employee_n     UInt64                 COMMENT 'Valid responses of employees with an answer in the dimension',
    employee_sum   Float64                COMMENT 'Sum of their scores',
    manager_score  Nullable(Float64)      COMMENT 'The same as managers see it = manager_sum / manager_n; NULL where manager_n is 0',
    manager_n      UInt64                 COMMENT 'Valid responses of managers with an answer in the dimension',
    manager_sum    Float64                COMMENT 'Sum of their scores'
)
AS SELECT
    tenant, day, cut, value AS cut_value, questionnaire, dimension,
    if(customer_n = 0, NULL, if(length(customers) = 1, customers[1].2 / (customers[1].3 * customer_n), customer_sum / customer_n)) AS customer_score,
    customer_n,
    arraySum(v -> v.2 / v.3, customers) AS customer_sum,
    if(employee_n = 0, NULL, if(length(employees) = 1, employees[1].2 / (employees[1].3 * employee_n), employee_sum / employee_n)) AS employee_score,
    employee_n,
    arraySum(v -> v.2 / v.3, employees) AS employee_sum,
    if(manager_n = 0, NULL, if(length(managers) = 1, managers[1].2 / (managers[1].3 * manager_n), manager_sum / manager_n)) AS manager_score,
    manager_n,
    arraySum(v -> v.2 / v.3, managers) AS manager_sum
FROM
(
    SELECT
        tenant, day, cut,
        if((SELECT count() FROM rapport_store.attributes_over) = 0, stored_value, if(stored_value != '' AND (tenant, cut) IN (SELECT tenant, cut FROM rapport_store.attributes_over) AND (tenant, cut, stored_value) NOT IN (SELECT tenant, cut, value FROM rapport_store.attributes_shown), if(position(cut, ',') > 0, '["other","other"]', 'other'), stored_value)) AS value,
        questionnaire, dimension,
        sumIf(cell_n, role = 'customer') AS customer_n,
        sumIf(cell_n, role = 'employee') AS employee_n,
        sumIf(cell_n, role = 'manager') AS manager_n,
        arraySort(groupArrayIf((version, num_sum, den), role = 'customer')) AS customers,
        arraySort(groupArrayIf((version, num_sum, den), role = 'employee')) AS employees,
        arraySort(groupArrayIf((version, num_sum, den), role = 'manager')) AS managers
    FROM rapport_store.dimension_days FINAL
    ARRAY JOIN
        `cells.cut_value` AS stored_value,
        `cells.questionnaire` AS questionnaire,
        `cells.questionnaire_version` AS version,
        `cells.role` AS role,
        `cells.dimension` AS dimension,
        `cells.n` AS cell_n,
        `cells.den` AS den,
        `cells.num_sum` AS num_sum
    WHERE cell_n > 0 AND role IN ('customer', 'employee', 'manager')
    GROUP BY tenant, day, cut, value, questionnaire, dimension
)
COMMENT 'The value curve: dimension scores of customers, employees and managers side by side, per day and cut.';
