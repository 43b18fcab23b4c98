{{- /* The cells of rows that differ, as they come from the facts and as they are stored, column by column as text. */ -}}
SELECT fresh.tenant, fresh.cut, toString(fresh.day),
    [{{range $i, $c := .Columns}}{{if $i}}, {{end}}arrayMap(x -> ifNull(toString(x), 'NULL'), fresh.`cells.{{$c}}`){{end}}],
    [{{range $i, $c := .Columns}}{{if $i}}, {{end}}arrayMap(x -> ifNull(toString(x), 'NULL'), stored.`cells.{{$c}}`){{end}}]
FROM ({{.Select}}) AS fresh
LEFT JOIN
(
    SELECT * FROM rapport_store.{{.Table}} FINAL
    WHERE (tenant, day) IN (SELECT arrayJoin(arrayZip({tenants:Array(String)}, {days:Array(Date32)})))
) AS stored ON stored.tenant = fresh.tenant AND stored.cut = fresh.cut AND stored.day = fresh.day
WHERE tuple(fresh.COLUMNS('^cells')) != tuple(stored.COLUMNS('^cells'))
ORDER BY ALL
