-- Late facts of a tenant.
SELECT topic, partition, offset, tenant, source, id, type, key, value, headers, toUnixTimestamp64Milli(appended_at)
FROM rapport_store.late_facts FINAL
WHERE tenant = {tenant:String}
