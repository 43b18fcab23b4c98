{{- range $i, $table := .}}{{if $i}}
UNION DISTINCT
{{end}}SELECT DISTINCT tenant, toString(day) FROM rapport_store.{{.Name}} WHERE {tenant:String} IN ('', tenant){{end}}
