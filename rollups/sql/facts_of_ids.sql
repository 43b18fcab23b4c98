{{- /* What is stored of some ids under some hours; the names are of a closed set. */ -}}
SELECT tenant, hour, source, id, cityHash64(source, id), revision, payload, superseded,
    {{if .Entity}}{{.Entity}}, cityHash64({{.Entity}}){{else}}'', toUInt64(0){{end}}
FROM rapport_store.{{.Name}} FINAL
WHERE (tenant, hour) IN (SELECT arrayJoin(arrayZip({tenants:Array(String)}, arrayMap(h -> toDateTime(h * 3600, 'UTC'), {hours:Array(UInt32)}))))
    AND (tenant, cityHash64(source, id)) IN (SELECT arrayJoin(arrayZip({tenants:Array(String)}, {identities:Array(UInt64)})))
