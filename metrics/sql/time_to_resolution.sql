WITH
    ['p50', 'p90', 'p95', 'p99'] AS names
SELECT '' AS questionnaire, row.1 AS detail, assumeNotNull(row.2) AS value, row.3 AS n
FROM
(
    SELECT arrayJoin(arrayConcat(
        arrayMap((name, value) -> (name, toNullable(value), waited), names, {{template "quantiles" "resolution_seconds"}}),
        arrayMap((name, value) -> (concat('working_', name), toNullable(value), worked), names, {{template "quantiles" "resolution_working_seconds"}}),
        [('mean', avg(resolution_seconds), waited)])) AS row,
        count(resolution_seconds) AS waited, count(resolution_working_seconds) AS worked
    FROM rapport.complaints
    WHERE {{template "complaints" .}}
)
WHERE n > 0
ORDER BY detail
