-- Reads rollups. What is overdue now is counted from the due times of what is not reached.
-- Attributes beyond the tenant's cap are shown as other; while no tenant is over, the first condition is a constant and nothing is looked up.
CREATE OR REPLACE VIEW rapport.timeliness_by_cut_daily
(
    tenant               LowCardinality(String) COMMENT 'Tenant',
    day                  Date32                 COMMENT 'Day in the time zone of the tenant, UTC where it has none',
    cut                  LowCardinality(String) COMMENT 'Empty for overall; one of region, org_unit, product, service, channel, segment, agent, or a pair as region,product',
    cut_value            LowCardinality(String) COMMENT 'Value of the attribute, empty where it is not stated; a JSON array for a pair',
    milestone            LowCardinality(String) COMMENT 'Milestone, or first_response',
    cases                UInt64                 COMMENT 'Cases that reached it or for which it is due',
    reached              UInt64                 COMMENT 'Of these reached',
    on_time              UInt64                 COMMENT 'Reached at or before its due time',
    late                 UInt64                 COMMENT 'Reached after its due time',
    overdue              UInt64                 COMMENT 'Not reached, and its due time is over now',
    on_time_rate         Nullable(Float64)      COMMENT '% = 100 * on_time / (on_time + late + overdue); NULL where nothing was due',
    n                    UInt64                 COMMENT 'Cases with a time from requested: what mean and quantiles rest on',
    seconds_sum          Float64                COMMENT 'Sum of these times, seconds',
    mean_seconds         Nullable(Float64)      COMMENT 'Mean time from requested, seconds = seconds_sum / n; NULL where n is 0',
    working_n            UInt64                 COMMENT 'Cases with a working time from requested',
    working_seconds_sum  Float64                COMMENT 'Sum of these, seconds',
    working_mean_seconds Nullable(Float64)      COMMENT 'Mean working time, seconds = working_seconds_sum / working_n; NULL where working_n is 0'
)
AS SELECT
    tenant, day, cut, cut_value, milestone, cases, reached, on_time, late, overdue,
    if((on_time + late + overdue) = 0, NULL, 100 * on_time / (on_time + late + overdue)) AS on_time_rate,
    n, micros_sum / 1e6 AS seconds_sum, if(n = 0, NULL, micros_sum / n / 1e6) AS mean_seconds,
    working_n, working_micros_sum / 1e6 AS working_seconds_sum, if(working_n = 0, NULL, working_micros_sum / working_n / 1e6) AS working_mean_seconds
FROM
(
    SELECT
        tenant, day, cut, cut_value, milestone,
        sum(c_cases) AS cases, sum(c_reached) AS reached, sum(c_on_time) AS on_time, sum(c_late) AS late, sum(c_overdue) AS overdue,
        sum(c_n) AS n, sum(c_sum) AS micros_sum, sum(c_working_n) AS working_n, sum(c_working_sum) AS working_micros_sum
    FROM
    (
        SELECT
            tenant, day, cut, cut_value, milestone, cases AS c_cases, reached AS c_reached, on_time AS c_on_time, late AS c_late, toUInt64(0) AS c_overdue,
            n AS c_n, sum AS c_sum, working_n AS c_working_n, working_sum AS c_working_sum
        FROM (
        SELECT tenant, day, cut, if((SELECT count() FROM rapport_store.attributes_over) = 0, cell.1, if(cell.1 != '' AND (tenant, cut) IN (SELECT tenant, cut FROM rapport_store.attributes_over) AND (tenant, cut, cell.1) NOT IN (SELECT tenant, cut, value FROM rapport_store.attributes_shown), if(position(cut, ',') > 0, '["other","other"]', 'other'), cell.1)) AS cut_value, cell.2 AS milestone, cell.3 AS cases, cell.4 AS reached, cell.5 AS on_time, cell.6 AS late, cell.7 AS n, cell.8 AS sum, cell.9 AS working_n, cell.10 AS working_sum
        FROM rapport_store.milestone_days FINAL
        ARRAY JOIN arrayZip(`cells.cut_value`, `cells.milestone`, `cells.cases`, `cells.reached`, `cells.on_time`, `cells.late`, `cells.n`, `cells.sum`, `cells.working_n`, `cells.working_sum`) AS cell
    )
        WHERE milestone != ''
        UNION ALL
        SELECT tenant, day, cut, cut_value, milestone, 0, 0, 0, 0, n, 0, 0, 0, 0
        FROM (
        SELECT tenant, day, cut, if((SELECT count() FROM rapport_store.attributes_over) = 0, cell.1, if(cell.1 != '' AND (tenant, cut) IN (SELECT tenant, cut FROM rapport_store.attributes_over) AND (tenant, cut, cell.1) NOT IN (SELECT tenant, cut, value FROM rapport_store.attributes_shown), if(position(cut, ',') > 0, '["other","other"]', 'other'), cell.1)) AS cut_value, cell.2 AS milestone, cell.3 AS due_at, cell.4 AS n
        FROM rapport_store.milestone_due_days FINAL
        ARRAY JOIN arrayZip(`cells.cut_value`, `cells.milestone`, `cells.due_at`, `cells.n`) AS cell
    )
        WHERE due_at < toUnixTimestamp64Micro(now64(6, 'UTC'))
    )
    GROUP BY tenant, day, cut, cut_value, milestone
)
COMMENT 'Daily timeliness of cases per cut, by the day of requested';
