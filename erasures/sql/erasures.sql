-- Erasures as they stand.
SELECT id, tenant, scope, subject, key, state, step, begun_at, work, receipt, toInt64(dateDiff('millisecond', changed_at, now64(3, 'UTC'))) AS still
FROM rapport_store.erasures FINAL
WHERE {id:String} IN ('', id) AND {state:String} IN ('', state) AND ({open:UInt8} = 0 OR state != 'done')
ORDER BY begun_at, id
