{{- /* Hours in which a family has something. Rows out of force have a part too where the source is sorted by hour, which costs an empty row. */ -}}
SELECT DISTINCT tenant, {{.Hour}} FROM rapport_store.{{.Source}} WHERE {tenant:String} IN ('', tenant){{if .Facts}} AND {{.At}} IS NOT NULL{{end}}
