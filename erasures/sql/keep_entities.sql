{{- /* Hashes of the cases or complaints that erased events belong to, and of those whose outcomes are about the subject. */ -}}
INSERT INTO rapport_store.erased_entities (tenant, kind, entity)
SELECT {tenant:String}, {kind:String}, {{template "entity" .Entity}}
FROM ({{template "entities" .}})
{{define "entities"}}
    SELECT DISTINCT tenant, {{.Entity}} FROM rapport_store.{{.Name}} WHERE tenant = {tenant:String} AND {{template "erased"}}
    {{- range .Named}}
    UNION DISTINCT
    SELECT DISTINCT tenant, {{$.Entity}} FROM rapport_store.{{.}} WHERE tenant = {tenant:String} AND customer_id = {customer:String}{{end}}
{{end}}
