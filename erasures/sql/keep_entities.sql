{{- /* Hashes of the cases or complaints that erased events belong to. */ -}}
INSERT INTO rapport_store.erased_entities (tenant, kind, entity, erasure)
SELECT {tenant:String}, {kind:String}, {{template "entity" .Entity}}, {erasure:String}
FROM (SELECT DISTINCT tenant, {{.Entity}} FROM rapport_store.{{.Name}} WHERE tenant = {tenant:String} AND {{template "erased"}})
