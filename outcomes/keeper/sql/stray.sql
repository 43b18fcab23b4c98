{{- /* Outcomes in force of things that no fact names. Names are compared as hashes, since a set of so many names would be large. */ -}}
SELECT tenant, {{.Key}}, assumeNotNull({{.At}})
FROM rapport_store.{{.Table}} FINAL
WHERE live AND {of:String} IN ('', tenant) AND {{.At}} >= toDateTime({from:UInt32}, 'UTC') AND {{.At}} < toDateTime({to:UInt32}, 'UTC') + 3600
    AND cityHash64({{.Names}}) NOT IN (SELECT cityHash64({{.Names}}) FROM rapport_store.{{.Facts}} WHERE {of:String} IN ('', tenant))
ORDER BY ALL
LIMIT 1000
