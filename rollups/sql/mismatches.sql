-- What the sweepers counted since an instant; of one row counted twice, the last words.
SELECT tenant, toString(day), rollup, argMax(detail, noticed_at)
FROM rapport_store.audit_mismatches
WHERE noticed_at >= fromUnixTimestamp64Micro({since:Int64}, 'UTC')
GROUP BY tenant, day, rollup
ORDER BY ALL
