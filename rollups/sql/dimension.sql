{{- /* Rows of dimension_days for the marked days: one per (tenant, cut, day), all cuts of a tenant. The template names cuts; values are parameters. */ -}}
WITH
    marked AS
    (
        SELECT m.1 AS tenant, m.2 AS day, m.3 AS first_hour, m.4 AS end_hour, m.5 AS version
        FROM (SELECT arrayJoin(arrayZip({tenants:Array(String)}, {days:Array(Date32)}, {first_hours:Array(UInt32)},
            {end_hours:Array(UInt32)}, arrayMap(v -> toUInt128(v), {versions:Array(String)}))) AS m)
    ),
    -- Facts are read in this one place: a second scan could see other parts than the first. Retracted and superseded rows stay
    -- in the scan and are left out inside the aggregates, so that no filter can run ahead of FINAL and bring an older version back.
    cells AS
    (
        WITH
            NOT retracted AND NOT superseded AS live,
            live AND valid AS counted
        SELECT
            tenant,
            toDate32(occurred_at, {zone:String}) AS day,
            grouping(region, org_unit, product, service, channel, segment, agent) AS grouped,
            multiIf({{range .}}{{if eq (len .Attributes) 1}}grouped = {{.Grouped}}, {{index .Attributes 0}}, {{else if .Attributes}}
                grouped = {{.Grouped}}, toJSONString([{{index .Attributes 0}}, {{index .Attributes 1}}]), {{end}}{{end}}'') AS cut_value,
            questionnaire,
            questionnaire_version,
            role,
            dimension,
            countIf(one_den > 0 AND counted) AS n,
            maxIf(one_den, counted) AS den,
            sumIf(num, counted) AS num_sum,
            sumIf(toInt128(num) * num, counted) AS num_sum_sq,
            countIf(gap IS NOT NULL AND counted) AS gap_n,
            sumIf(ifNull(gap, 0), counted) AS gap_sum,
            sumIf(ifNull(gap * gap, 0), counted) AS gap_sum_sq,
            countIf(importance IS NOT NULL AND counted) AS importance_n,
            sumIf(ifNull(importance, 0), counted) AS importance_sum,
            sumIf(ifNull(importance * importance, 0), counted) AS importance_sum_sq
        FROM rapport_store.survey_facts FINAL
        -- Scores of dimensions and the answers behind them are unfolded together, an answer as a score with denominator 0.
        ARRAY JOIN
            arrayConcat(`dimensions.dimension`, `answers.dimension`) AS dimension,
            arrayConcat(`dimensions.num`, arrayMap(x -> toInt64(0), `answers.dimension`)) AS num,
            arrayConcat(`dimensions.den`, arrayMap(x -> toInt64(0), `answers.dimension`)) AS one_den,
            arrayConcat(arrayMap(x -> CAST(NULL, 'Nullable(Int64)'), `dimensions.dimension`),
                arrayMap((score, expectation) -> CAST(score - expectation, 'Nullable(Int64)'), `answers.score`, `answers.expectation`)) AS gap,
            arrayConcat(arrayMap(x -> CAST(NULL, 'Nullable(Int64)'), `dimensions.dimension`),
                arrayMap(x -> CAST(x, 'Nullable(Int64)'), `answers.importance`)) AS importance
        WHERE (tenant, hour) IN (SELECT tenant, toDateTime(arrayJoin(range(first_hour, end_hour)) * 3600, 'UTC') FROM marked)
            AND (tenant, day) IN (SELECT tenant, day FROM marked)
        GROUP BY GROUPING SETS (
            {{range $i, $cut := .}}{{if $i}}, {{end}}(tenant, day, questionnaire, questionnaire_version, role, dimension{{range .Attributes}}, {{.}}{{end}}){{end}})
        HAVING n > 0 OR gap_n > 0 OR importance_n > 0
    ),
    rows AS
    (
        SELECT
            tenant,
            transform(grouped, [{{range $i, $cut := .}}{{if $i}}, {{end}}{{.Grouped}}{{end}}], [{{range $i, $cut := .}}{{if $i}}, {{end}}'{{.Name}}'{{end}}], '') AS cut,
            day,
            arraySort(groupArray((cut_value, questionnaire, questionnaire_version, role, dimension, n, den, num_sum, num_sum_sq,
                gap_n, gap_sum, gap_sum_sq, importance_n, importance_sum, importance_sum_sq))) AS c
        FROM cells
        GROUP BY tenant, cut, day
    )
-- Every marked day gets a row of every cut, so that a day all of whose facts went away says so.
SELECT
    wanted.tenant AS tenant,
    wanted.cut AS cut,
    wanted.day AS day,
    wanted.version AS version,
    c.1 AS `cells.cut_value`,
    c.2 AS `cells.questionnaire`,
    c.3 AS `cells.questionnaire_version`,
    c.4 AS `cells.role`,
    c.5 AS `cells.dimension`,
    c.6 AS `cells.n`,
    c.7 AS `cells.den`,
    c.8 AS `cells.num_sum`,
    c.9 AS `cells.num_sum_sq`,
    c.10 AS `cells.gap_n`,
    c.11 AS `cells.gap_sum`,
    c.12 AS `cells.gap_sum_sq`,
    c.13 AS `cells.importance_n`,
    c.14 AS `cells.importance_sum`,
    c.15 AS `cells.importance_sum_sq`
FROM (SELECT tenant, day, version, arrayJoin([{{range $i, $cut := .}}{{if $i}}, {{end}}'{{.Name}}'{{end}}]) AS cut FROM marked) AS wanted
LEFT JOIN rows ON rows.tenant = wanted.tenant AND rows.cut = wanted.cut AND rows.day = wanted.day
