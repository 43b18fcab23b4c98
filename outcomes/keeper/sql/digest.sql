{{- /* A sum per entity that changes with any row of its facts, those that do not hold included; the names are of a closed set. */ -}}
SELECT tenant, {{.Key}}, sum(cityHash64(hour, source, id, revision, payload, superseded))
FROM rapport_store.{{.Facts}} FINAL
PREWHERE (tenant, {{.Key}}) IN (SELECT tenant, key FROM wanted)
GROUP BY tenant, {{.Key}}
