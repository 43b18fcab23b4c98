{{- /* Rows of the marked days that differ from what their facts give; a row that is not there equals one of empty arrays. */ -}}
SELECT fresh.tenant, fresh.cut, toString(fresh.day)
FROM ({{.Select}}) AS fresh
LEFT JOIN
(
    SELECT * FROM rapport_store.{{.Table}} FINAL
    WHERE (tenant, day) IN (SELECT arrayJoin(arrayZip({tenants:Array(String)}, {days:Array(Date32)})))
) AS stored ON stored.tenant = fresh.tenant AND stored.cut = fresh.cut AND stored.day = fresh.day
WHERE tuple(fresh.COLUMNS('^cells')) != tuple(stored.COLUMNS('^cells'))
ORDER BY ALL
