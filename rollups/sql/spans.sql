{{- /* Cells of a table for parts of days, straight from what its days are computed from: one per slot, cut and key. A slot is of a run of microseconds
between two bounds, 0 of nothing that is asked for; hours are those that the runs lie in. */ -}}
WITH
    marked AS
    (
        SELECT {tenant:String} AS tenant, h.1 AS first_hour, h.2 AS end_hour
        FROM (SELECT arrayJoin(arrayZip({first_hours:Array(UInt32)}, {end_hours:Array(UInt32)})) AS h)
    ),
    {{- template "beside" .}}
    -- Rows that are out of force stay in the scan, as they do when a day is recomputed.
    cells AS
    (
        WITH
            {{template "live" .}}
        SELECT
            transform(roundDown(toUnixTimestamp64Micro(assumeNotNull({{.At}})), {bounds:Array(Int64)}), {bounds:Array(Int64)}, {slots:Array(UInt16)}, toUInt16(0)) AS slot,
            {{if .Attributes}}grouping({{range $i, $a := .Attributes}}{{if $i}}, {{end}}{{$a}}{{end}}){{else}}0{{end}} AS grouped,
            multiIf({{range .Cuts}}{{if eq (len .Attributes) 1}}grouped = {{.Grouped}}, toString({{index .Attributes 0}}), {{else if .Attributes}}
                grouped = {{.Grouped}}, toJSONString([{{index .Attributes 0}}, {{index .Attributes 1}}]), {{end}}{{end}}0, '', '') AS cut_value,
            {{range .Keys}}{{.}}, {{end}}
            {{template "measures" .}}
        FROM rapport_store.{{.Source}} FINAL
        {{template "join" .}}
        WHERE {{if .Facts}}{{template "candidates" .}}
            AND {{.At}} IS NOT NULL{{else}}{{template "hours" .}}{{end}}
            AND slot > 0
        GROUP BY GROUPING SETS (
            {{range $i, $cut := .Cuts}}{{if $i}}, {{end}}(slot{{range $.Keys}}, {{.}}{{end}}{{range .Attributes}}, {{.}}{{end}}){{end}})
        HAVING {{template "held" .}}
    )
SELECT
    slot,
    transform(grouped, [{{range $i, $cut := .Cuts}}{{if $i}}, {{end}}{{.Grouped}}{{end}}], [{{range $i, $cut := .Cuts}}{{if $i}}, {{end}}'{{.Name}}'{{end}}], '') AS cut,
    cut_value
    {{- range .Keys}}, {{.}}{{end}}
    {{- range .Measures}}, `cells.{{.}}` AS `{{.}}`{{end}}
FROM cells
