{{- /* Rows of a table for the marked days: one per (tenant, cut, day), all cuts of a tenant. A file of sql/tables says what a cell is. */ -}}
WITH
    {{template "marked" .}},
    {{- block "beside" .}}{{end}}
    -- The source is read in this one place: a second scan could see other parts than the first. Rows that are out of force stay in the
    -- scan and are left out inside the aggregates, so that no filter can run ahead of FINAL and bring an older version back.
    cells AS
    (
        WITH
            {{template "live" .}}
        SELECT
            tenant,
            {{template "day" .}} AS day,
            grouping(region, org_unit, product, service, channel, segment, agent) AS grouped,
            multiIf({{range .Cuts}}{{if eq (len .Attributes) 1}}grouped = {{.Grouped}}, {{index .Attributes 0}}, {{else if .Attributes}}
                grouped = {{.Grouped}}, toJSONString([{{index .Attributes 0}}, {{index .Attributes 1}}]), {{end}}{{end}}'') AS cut_value,
            {{range .Keys}}{{.}}, {{end}}
            {{template "measures" .}}
        FROM rapport_store.{{.Source}} FINAL
        {{block "join" .}}{{end}}
        WHERE {{template "scan" .}}
        GROUP BY GROUPING SETS (
            {{range $i, $cut := .Cuts}}{{if $i}}, {{end}}(tenant, day{{range $.Keys}}, {{.}}{{end}}{{range .Attributes}}, {{.}}{{end}}){{end}})
        HAVING {{template "held" .}}
    ),
    rows AS
    (
        SELECT
            tenant,
            transform(grouped, [{{range $i, $cut := .Cuts}}{{if $i}}, {{end}}{{.Grouped}}{{end}}], [{{range $i, $cut := .Cuts}}{{if $i}}, {{end}}'{{.Name}}'{{end}}], '') AS cut,
            day,
            arraySort(groupArray((cut_value{{range .Keys}}, {{.}}{{end}}{{range .Measures}}, `cells.{{.}}`{{end}}))) AS c
        FROM cells
        GROUP BY tenant, cut, day
    )
-- Every marked day gets a row of every cut, so that a day all of whose facts went away says so.
SELECT
    wanted.tenant AS tenant,
    wanted.cut AS cut,
    wanted.day AS day,
    wanted.version AS version
    {{- range $i, $column := .Columns}},
    c.{{inc $i}} AS `cells.{{$column}}`{{end}}
FROM (SELECT tenant, day, version, arrayJoin([{{range $i, $cut := .Cuts}}{{if $i}}, {{end}}'{{.Name}}'{{end}}]) AS cut FROM marked) AS wanted
LEFT JOIN rows ON rows.tenant = wanted.tenant AND rows.cut = wanted.cut AND rows.day = wanted.day
