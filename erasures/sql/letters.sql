-- Dead letters of a tenant, and those of whom nobody can say whose they are.
SELECT topic, partition, offset, tenant, source, id, type, key, value, headers, toUnixTimestamp64Milli(appended_at)
FROM rapport_store.dead_letters FINAL
WHERE tenant IN ({tenant:String}, '')
