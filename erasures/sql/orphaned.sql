{{- /* Tenants with outcomes, in some parts, of erased cases or complaints. */ -}}
SELECT DISTINCT tenant
FROM rapport_store.{{.Name}}
WHERE _part IN ({parts:Array(String)})
    AND {{template "entity" .Entity}} IN (SELECT entity FROM rapport_store.erased_entities WHERE kind = '{{.Kind}}' AND {{template "counted"}})
