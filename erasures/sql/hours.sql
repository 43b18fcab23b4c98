{{- /* Hours of erased events. */ -}}
SELECT DISTINCT hour FROM rapport_store.{{.Name}} WHERE tenant = {tenant:String} AND {{template "erased"}}
