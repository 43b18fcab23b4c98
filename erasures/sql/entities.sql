{{- /* Names of the cases or complaints whose hashes an erasure has kept. */ -}}
SELECT DISTINCT {{.Entity}}
FROM ({{range $i, $name := .Named}}{{if $i}} UNION DISTINCT {{end}}SELECT DISTINCT tenant, {{$.Entity}} FROM rapport_store.{{$name}} WHERE tenant = {tenant:String}{{end}}
    UNION DISTINCT SELECT DISTINCT tenant, {{.Entity}} FROM rapport_store.{{.Name}} WHERE tenant = {tenant:String} AND {{template "erased"}})
WHERE {{template "entity" .Entity}} IN (SELECT entity FROM rapport_store.erased_entities WHERE tenant = {tenant:String} AND kind = '{{.Kind}}' AND erasure = {erasure:String})
