-- Reads rollups; severity, category and reason are merged, and in complaints_daily apart. What is overdue now is counted from the due times of phases that are not reached.
-- Attributes beyond the tenant's cap are shown as other; while no tenant is over, the first condition is a constant and nothing is looked up.
CREATE OR REPLACE VIEW rapport.complaints_by_cut_daily
(
    tenant                      LowCardinality(String) COMMENT 'Tenant',
    day                         Date32                 COMMENT 'Day in the time zone of the tenant, UTC where it has none',
    cut                         LowCardinality(String) COMMENT 'Empty for overall; one of region, org_unit, product, service, channel, segment, agent, or a pair as region,product',
    cut_value                   LowCardinality(String) COMMENT 'Value of the attribute, empty where it is not stated; a JSON array for a pair',
    n                           UInt64                 COMMENT 'Complaints opened',
    opened                      UInt64                 COMMENT 'Complaints opened = n',
    major                       UInt64                 COMMENT 'Of these of severity major',
    repeats                     UInt64                 COMMENT 'Of these on an issue that the customer had complained of in the 30 days before',
    resolved                    UInt64                 COMMENT 'Of these resolved at some time',
    reopened                    UInt64                 COMMENT 'Of these resolved and then reopened',
    timely_n                    UInt64                 COMMENT 'Complaints on which the source has a verdict',
    timely_yes                  UInt64                 COMMENT 'Of these timely',
    on_time                     UInt64                 COMMENT 'Phases reached at or before their due time',
    late                        UInt64                 COMMENT 'Phases reached after their due time',
    overdue                     UInt64                 COMMENT 'Phases not reached whose due time is over now',
    handling_n                  UInt64                 COMMENT 'Complaints whose handling the customer has judged',
    handling_score_sum          Int64                  COMMENT 'Sum of the scores of their handling, -5 to 2 each',
    major_share                 Nullable(Float64)      COMMENT '% = 100 * major / opened',
    complaint_timely_rate       Nullable(Float64)      COMMENT '% = 100 * timely_yes / timely_n; NULL where timely_n is 0',
    complaint_on_time_rate      Nullable(Float64)      COMMENT '% = 100 * on_time / (on_time + late + overdue); NULL where nothing was due',
    repeat_complaint_rate       Nullable(Float64)      COMMENT '% = 100 * repeats / opened',
    complaint_reopen_rate       Nullable(Float64)      COMMENT '% = 100 * reopened / resolved; NULL where resolved is 0',
    response_n                  UInt64                 COMMENT 'Complaints with a first response',
    first_response_mean_seconds Nullable(Float64)      COMMENT 'Mean time from opened to it, seconds; NULL where response_n is 0',
    resolution_n                UInt64                 COMMENT 'Complaints that are resolved now',
    resolution_mean_seconds     Nullable(Float64)      COMMENT 'Mean time from opened to it, seconds; NULL where resolution_n is 0'
)
AS SELECT
    tenant, day, cut, cut_value, opened AS n, opened, major, repeats, resolved, reopened, timely_n, timely_yes, on_time, late, overdue, handling_n, handling_score_sum,
    if(opened = 0, NULL, 100 * major / opened) AS major_share,
    if(timely_n = 0, NULL, 100 * timely_yes / timely_n) AS complaint_timely_rate,
    if((on_time + late + overdue) = 0, NULL, 100 * on_time / (on_time + late + overdue)) AS complaint_on_time_rate,
    if(opened = 0, NULL, 100 * repeats / opened) AS repeat_complaint_rate,
    if(resolved = 0, NULL, 100 * reopened / resolved) AS complaint_reopen_rate,
    response_n, if(response_n = 0, NULL, response_sum / response_n / 1e6) AS first_response_mean_seconds,
    resolution_n, if(resolution_n = 0, NULL, resolution_sum / resolution_n / 1e6) AS resolution_mean_seconds
FROM
(
    SELECT
        tenant, day, cut, cut_value,
        sum(c_opened) AS opened, sumIf(c_opened, severity = 'major') AS major, sum(c_repeats) AS repeats, sum(c_resolved) AS resolved, sum(c_reopened) AS reopened,
        sum(c_timely_yes) AS timely_yes, timely_yes + sum(c_timely_no) AS timely_n, sum(c_on_time) AS on_time, sum(c_late) AS late, sum(c_overdue) AS overdue,
        sum(c_handling_very_satisfied + c_handling_satisfied + c_handling_mostly_satisfied + c_handling_not_very_satisfied + c_handling_dissatisfied + c_handling_unhandled) AS handling_n,
        2 * toInt64(sum(c_handling_very_satisfied)) - toInt64(sum(c_handling_mostly_satisfied)) - 3 * toInt64(sum(c_handling_not_very_satisfied)) - 5 * toInt64(sum(c_handling_dissatisfied + c_handling_unhandled)) AS handling_score_sum,
        sum(c_response_n) AS response_n, sum(c_response_sum) AS response_sum, sum(c_resolution_n) AS resolution_n, sum(c_resolution_sum) AS resolution_sum
    FROM
    (
        SELECT tenant, day, cut, cut_value, severity, opened AS c_opened, timely_yes AS c_timely_yes, timely_no AS c_timely_no, repeats AS c_repeats, resolved AS c_resolved, reopened AS c_reopened, handling_very_satisfied AS c_handling_very_satisfied, handling_satisfied AS c_handling_satisfied, handling_mostly_satisfied AS c_handling_mostly_satisfied, handling_not_very_satisfied AS c_handling_not_very_satisfied, handling_dissatisfied AS c_handling_dissatisfied, handling_unhandled AS c_handling_unhandled, on_time AS c_on_time, late AS c_late, response_n AS c_response_n, response_sum AS c_response_sum, resolution_n AS c_resolution_n, resolution_sum AS c_resolution_sum, toUInt64(0) AS c_overdue
        FROM (
        SELECT tenant, day, cut, if((SELECT count() FROM rapport_store.attributes_over) = 0, cell.1, if(cell.1 != '' AND (tenant, cut) IN (SELECT tenant, cut FROM rapport_store.attributes_over) AND (tenant, cut, cell.1) NOT IN (SELECT tenant, cut, value FROM rapport_store.attributes_shown), if(position(cut, ',') > 0, '["other","other"]', 'other'), cell.1)) AS cut_value, cell.2 AS severity, cell.3 AS opened, cell.4 AS timely_yes, cell.5 AS timely_no, cell.6 AS repeats, cell.7 AS resolved, cell.8 AS reopened, cell.9 AS handling_very_satisfied, cell.10 AS handling_satisfied, cell.11 AS handling_mostly_satisfied, cell.12 AS handling_not_very_satisfied, cell.13 AS handling_dissatisfied, cell.14 AS handling_unhandled, cell.15 AS on_time, cell.16 AS late, cell.17 AS response_n, cell.18 AS response_sum, cell.19 AS resolution_n, cell.20 AS resolution_sum
        FROM rapport_store.complaint_days FINAL
        ARRAY JOIN arrayZip(`cells.cut_value`, `cells.severity`, `cells.opened`, `cells.timely_yes`, `cells.timely_no`, `cells.repeats`, `cells.resolved`, `cells.reopened`, `cells.handling_very_satisfied`, `cells.handling_satisfied`, `cells.handling_mostly_satisfied`, `cells.handling_not_very_satisfied`, `cells.handling_dissatisfied`, `cells.handling_unhandled`, `cells.on_time`, `cells.late`, `cells.response_n`, `cells.response_sum`, `cells.resolution_n`, `cells.resolution_sum`) AS cell
    )
        UNION ALL
        SELECT tenant, day, cut, cut_value, '', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, n
        FROM (
        SELECT tenant, day, cut, if((SELECT count() FROM rapport_store.attributes_over) = 0, cell.1, if(cell.1 != '' AND (tenant, cut) IN (SELECT tenant, cut FROM rapport_store.attributes_over) AND (tenant, cut, cell.1) NOT IN (SELECT tenant, cut, value FROM rapport_store.attributes_shown), if(position(cut, ',') > 0, '["other","other"]', 'other'), cell.1)) AS cut_value, cell.2 AS due_at, cell.3 AS n
        FROM rapport_store.complaint_due_days FINAL
        ARRAY JOIN arrayZip(`cells.cut_value`, `cells.due_at`, `cells.n`) AS cell
    )
        WHERE due_at < toUnixTimestamp64Micro(now64(6, 'UTC'))
    )
    GROUP BY tenant, day, cut, cut_value
)
COMMENT 'Daily figures of complaints per cut, by the day of opened';
