{{- /* Rows of erased events that are still there. */ -}}
SELECT count() FROM rapport_store.{{.Name}} WHERE tenant = {tenant:String} AND {{template "erased"}}
