{{- /* How many rows and cells the marked days come to, and which rows are stored otherwise; a row that is not there equals one of empty arrays. */ -}}
WITH arraySort(groupArrayIf((toString(tenant), toString(cut), toString(day)), differs)) AS found
SELECT count(), sum(length(`cells.cut_value`)), arrayMap(d -> d.1, found), arrayMap(d -> d.2, found), arrayMap(d -> d.3, found)
FROM
(
    SELECT fresh.tenant AS tenant, fresh.cut AS cut, fresh.day AS day, fresh.`cells.cut_value` AS `cells.cut_value`,
        tuple(fresh.COLUMNS('^cells')) != tuple(stored.COLUMNS('^cells')) AS differs
    FROM ({{.Select}}) AS fresh
    LEFT JOIN
    (
        SELECT * FROM rapport_store.{{.Table}} FINAL
        WHERE (tenant, day) IN (SELECT arrayJoin(arrayZip({tenants:Array(String)}, {days:Array(Date32)})))
    ) AS stored ON stored.tenant = fresh.tenant AND stored.cut = fresh.cut AND stored.day = fresh.day
)
