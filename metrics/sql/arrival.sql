WITH
    ['p50', 'p90', 'p95', 'p99'] AS names
SELECT '' AS questionnaire, row.1 AS detail, assumeNotNull(row.2) AS value, row.3 AS n
FROM
(
    SELECT arrayJoin(arrayConcat(
        arrayMap((name, value) -> (name, toNullable(value), waited), names, {{template "quantiles" "arrival_seconds"}}),
        arrayMap((name, value) -> (concat('working_', name), toNullable(value), worked), names, {{template "quantiles" "arrival_working_seconds"}}),
        [('mean', avg(arrival_seconds), waited), ('working_mean', avg(arrival_working_seconds), worked)])) AS row,
        count(arrival_seconds) AS waited, count(arrival_working_seconds) AS worked
    FROM rapport.cases
    WHERE {{template "cases" .}}
)
WHERE n > 0
ORDER BY detail
