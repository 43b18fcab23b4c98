{{- /* What is stored of some ids under some hours; the table's name is one of two constants. */ -}}
SELECT tenant, hour, source, id, cityHash64(source, id), revision, payload, superseded
FROM rapport_store.{{.}} FINAL
WHERE (tenant, hour) IN (SELECT arrayJoin(arrayZip({tenants:Array(String)}, arrayMap(h -> toDateTime(h * 3600, 'UTC'), {hours:Array(UInt32)}))))
    AND (tenant, cityHash64(source, id)) IN (SELECT arrayJoin(arrayZip({tenants:Array(String)}, {identities:Array(UInt64)})))
