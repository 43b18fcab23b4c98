{{- /* Rows of satisfaction_days for the marked days: one per (tenant, cut, day), all cuts of a tenant. The template names cuts; values are parameters. */ -}}
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
            countIf(live) AS events,
            countIf(counted) AS n,
            countIf(live AND NOT valid) AS n_invalid,
            countIf(index_den > 0 AND counted) AS index_n,
            maxIf(index_den, index_den > 0 AND counted) AS den,
            sumIf(index_num, index_den > 0 AND counted) AS num_sum,
            sumIf(toInt128(index_num) * index_num, index_den > 0 AND counted) AS num_sum_sq,
            countIf(level = 'very_satisfied' AND counted) AS very_satisfied,
            countIf(level = 'satisfied' AND counted) AS satisfied,
            countIf(level = 'neutral' AND counted) AS neutral,
            countIf(level = 'dissatisfied' AND counted) AS dissatisfied,
            countIf(level = 'very_dissatisfied' AND counted) AS very_dissatisfied,
            countIf(nps >= 9 AND counted) AS promoters,
            countIf(nps BETWEEN 7 AND 8 AND counted) AS passives,
            countIf(nps <= 6 AND counted) AS detractors,
            countIf(ces IS NOT NULL AND counted) AS effort_n,
            sumIf(ifNull(ces, 0), counted) AS effort_sum,
            sumIf(toInt64(ifNull(ces, 0)) * ifNull(ces, 0), counted) AS effort_sum_sq,
            countIf(repurchase IS NOT NULL AND counted) AS intent_n,
            sumIf(ifNull(repurchase, 0), counted) AS intent_sum,
            countIf(resolved_first_contact = true AND counted) AS resolved_yes,
            countIf(resolved_first_contact = false AND counted) AS resolved_no
        FROM rapport_store.survey_facts FINAL
        WHERE (tenant, hour) IN (SELECT tenant, toDateTime(arrayJoin(range(first_hour, end_hour)) * 3600, 'UTC') FROM marked)
            AND (tenant, day) IN (SELECT tenant, day FROM marked)
        GROUP BY GROUPING SETS (
            {{range $i, $cut := .}}{{if $i}}, {{end}}(tenant, day, questionnaire, questionnaire_version, role{{range .Attributes}}, {{.}}{{end}}){{end}})
        HAVING events > 0
    ),
    rows AS
    (
        SELECT
            tenant,
            transform(grouped, [{{range $i, $cut := .}}{{if $i}}, {{end}}{{.Grouped}}{{end}}], [{{range $i, $cut := .}}{{if $i}}, {{end}}'{{.Name}}'{{end}}], '') AS cut,
            day,
            arraySort(groupArray((cut_value, questionnaire, questionnaire_version, role, n, n_invalid, index_n, den, num_sum, num_sum_sq,
                very_satisfied, satisfied, neutral, dissatisfied, very_dissatisfied, promoters, passives, detractors,
                effort_n, effort_sum, effort_sum_sq, intent_n, intent_sum, resolved_yes, resolved_no))) AS c
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
    c.5 AS `cells.n`,
    c.6 AS `cells.n_invalid`,
    c.7 AS `cells.index_n`,
    c.8 AS `cells.index_den`,
    c.9 AS `cells.index_sum`,
    c.10 AS `cells.index_sum_sq`,
    c.11 AS `cells.very_satisfied`,
    c.12 AS `cells.satisfied`,
    c.13 AS `cells.neutral`,
    c.14 AS `cells.dissatisfied`,
    c.15 AS `cells.very_dissatisfied`,
    c.16 AS `cells.promoters`,
    c.17 AS `cells.passives`,
    c.18 AS `cells.detractors`,
    c.19 AS `cells.ces_n`,
    c.20 AS `cells.ces_sum`,
    c.21 AS `cells.ces_sum_sq`,
    c.22 AS `cells.repurchase_n`,
    c.23 AS `cells.repurchase_sum`,
    c.24 AS `cells.resolved_yes`,
    c.25 AS `cells.resolved_no`
FROM (SELECT tenant, day, version, arrayJoin([{{range $i, $cut := .}}{{if $i}}, {{end}}'{{.Name}}'{{end}}]) AS cut FROM marked) AS wanted
LEFT JOIN rows ON rows.tenant = wanted.tenant AND rows.cut = wanted.cut AND rows.day = wanted.day
