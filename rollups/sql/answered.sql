{{- range $i, $table := .}}{{if $i}}
UNION ALL
{{end}}SELECT tenant, toString(max(version)) FROM rapport_store.{{.Name}} GROUP BY tenant{{end}}
