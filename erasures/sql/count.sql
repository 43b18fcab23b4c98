{{- /* Rows that take.sql would take away. */ -}}
SELECT count() FROM rapport_store.{{.Name}} WHERE tenant = {tenant:String} AND {{.Where}}
