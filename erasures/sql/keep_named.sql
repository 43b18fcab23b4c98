{{- /* Hashes of the cases or complaints whose outcomes name the customer. */ -}}
INSERT INTO rapport_store.erased_entities (tenant, kind, entity, erasure)
SELECT {tenant:String}, '{{.Kind}}', {{template "entity" .Entity}}, {erasure:String}
FROM ({{range $i, $name := .Named}}{{if $i}} UNION DISTINCT {{end}}SELECT DISTINCT tenant, {{$.Entity}} FROM rapport_store.{{$name}} WHERE tenant = {tenant:String} AND customer_id = {customer:String}{{end}})
