{{- /* The next entities in the order of the sort key. */ -}}
SELECT DISTINCT tenant, {{.Key}}
FROM rapport_store.{{.Facts}}
WHERE (tenant, {{.Key}}) > ({tenant:String}, {key:String})
ORDER BY tenant, {{.Key}}
LIMIT {limit:UInt64}
