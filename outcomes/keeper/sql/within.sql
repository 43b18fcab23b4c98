{{- /* The next entities with a fact in some hours, in the order of the sort key. */ -}}
SELECT DISTINCT tenant, {{.Key}}
FROM rapport_store.{{.Facts}}
WHERE (tenant, {{.Key}}) > ({tenant:String}, {key:String}) AND {of:String} IN ('', tenant)
    AND hour >= toDateTime({from:UInt32}, 'UTC') AND hour <= toDateTime({to:UInt32}, 'UTC')
ORDER BY tenant, {{.Key}}
LIMIT {limit:UInt64}
