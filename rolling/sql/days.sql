{{- /* Cells of whole days of a tenant, by slot. The names are of closed lists. */ -}}
SELECT
    transform(toInt32(day), {days:Array(Int32)}, {slots:Array(UInt16)}, toUInt16(0)) AS slot,
    cut,
    value AS cut_value
    {{- range .Columns}}, `{{.}}`{{end}}
FROM rapport_store.{{.Table}} FINAL
ARRAY JOIN
    `cells.cut_value` AS value
    {{- range .Columns}}, `cells.{{.}}` AS `{{.}}`{{end}}
WHERE tenant = {tenant:String}
    AND cut IN (SELECT arrayJoin({cuts:Array(String)}))
    AND day IN (SELECT toDate32(arrayJoin({days:Array(Int32)})))
