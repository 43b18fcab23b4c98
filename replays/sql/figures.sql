{{- /* A number for each day of each table of daily figures that changes with any figure of the day; days without figures are left out. */ -}}
{{range $i, $table := .}}{{if $i}}
UNION ALL
{{end}}SELECT '{{$table}}', toString(tenant), toString(day), sum(cityHash64(cut, toString(tuple(COLUMNS('^cells')))))
FROM rapport_store.{{$table}} FINAL
WHERE {tenant:String} IN ('', tenant) AND notEmpty(`cells.cut_value`)
GROUP BY tenant, day{{end}}
