{{- /* Rows of pair cuts that are not empty: only pairs come and go with the settings of a tenant. */ -}}
{{range $i, $table := .}}{{if $i}}
UNION ALL
{{end}}SELECT '{{.Name}}', tenant, cut, toString(day) FROM rapport_store.{{.Name}} FINAL WHERE position(cut, ',') > 0 AND notEmpty(`cells.cut_value`){{end}}
