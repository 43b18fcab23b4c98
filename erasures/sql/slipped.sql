{{- /* Tenants with rows of erased events in some parts. */ -}}
SELECT DISTINCT tenant
FROM rapport_store.{{.Name}}
WHERE _part IN ({parts:Array(String)})
    AND cityHash64(source, id) IN (SELECT identity FROM rapport_store.erased_events WHERE {{template "seen" .}} AND {{template "counted"}})
    AND {{template "event"}} IN (SELECT event FROM rapport_store.erased_events WHERE {{template "seen" .}} AND {{template "counted"}})
{{define "seen"}}tenant IN (SELECT DISTINCT tenant FROM rapport_store.{{.Name}} WHERE _part IN ({parts:Array(String)})){{end}}
