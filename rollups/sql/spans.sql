{{- /* Cells of a table for parts of days, straight from what its days are computed from: of each slot, cut and key, in parts to be added up. A slot is of a run
of microseconds between two bounds, 0 of nothing that is asked for; hours are those that the runs lie in. Facts are gathered by few sets of attributes,
and the cuts that lie in one are made of what came of it; keys go by their hash of 64 bits, as ids do elsewhere, for grouping by one number costs a third
of grouping by many names. */ -}}
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
            {{range .Attributes}}{{.}}, {{end}}
            {{if .Keys}}cityHash64({{range $i, $key := .Keys}}{{if $i}}, {{end}}{{$key}}{{end}}) AS code, {{end}}
            {{range .Keys}}min({{.}}) AS `key.{{.}}`, {{end}}
            {{template "measures" .}}
        FROM rapport_store.{{.Source}} FINAL
        {{template "join" .}}
        WHERE {{if .Facts}}{{template "candidates" .}}
            AND {{.At}} IS NOT NULL{{else}}{{template "hours" .}}{{end}}
            AND slot > 0
        GROUP BY GROUPING SETS (
            {{range $i, $set := .Sets}}{{if $i}}, {{end}}(slot{{if $.Keys}}, code{{end}}{{range .Attributes}}, {{.}}{{end}}){{end}})
        HAVING {{template "held" .}}
    )
SELECT
    slot,
    of.1 AS cut,
    of.2 AS cut_value
    {{- range .Keys}}, `key.{{.}}` AS `{{.}}`{{end}}
    {{- range .Measures}}, `cells.{{.}}` AS `{{.}}`{{end}}
FROM cells
ARRAY JOIN multiIf(
    {{- range .Sets}}
    grouped = {{.Grouped}}, [{{range $i, $cut := .Cuts}}{{if $i}}, {{end}}('{{.Name}}', {{if eq (len .Attributes) 2}}toJSONString([{{index .Attributes 0}}, {{index .Attributes 1}}])
        {{- else if .Attributes}}toString({{index .Attributes 0}}){{else}}''{{end}}){{end}}],
    {{- end}}
    []) AS of
