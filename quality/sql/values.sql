-- Which values of each cut are shown: those with the most events of all time, ties by value, so that neither the order of arrival nor the day decides.
-- What is as it was is not written again. A cut that has no values any more is counted down to none.
INSERT INTO rapport_store.attribute_values (tenant, cut, values, cap, beyond, n, n_beyond, kept, computed_at)
SELECT tenant, cut, values, cap, beyond, n, n_beyond, kept, now64(3, 'UTC') AS computed_at
FROM
(
    SELECT
        tenant, cut,
        arraySort(groupArrayIf((-events, value), value != '' AND events > 0)) AS ranked,
        toUInt64(length(ranked)) AS values,
        toUInt64(transform(tenant, {tenants:Array(String)}, {caps:Array(UInt64)}, {cap:UInt64})) AS cap,
        if(values > cap, values - cap, 0) AS beyond,
        toUInt64(-arraySum(r -> r.1, ranked)) AS n,
        toUInt64(if(beyond = 0, 0, -arraySum(r -> r.1, arraySlice(ranked, cap + 1)))) AS n_beyond,
        if(beyond = 0, [], arrayMap(r -> r.2, arraySlice(ranked, 1, cap))) AS kept
    FROM
    (
        SELECT tenant, cut, value, sum(cell_n) AS events
        FROM
        (
            SELECT toString(tenant) AS tenant, toString(cut) AS cut, toString(cell.1) AS value, toInt64(cell.2 + cell.3) AS cell_n
            FROM rapport_store.satisfaction_days FINAL
            ARRAY JOIN arrayZip(`cells.cut_value`, `cells.n`, `cells.n_invalid`) AS cell
            WHERE cut != ''
            UNION ALL
            SELECT toString(tenant), toString(cut), toString(cell.1), toInt64(cell.2 + cell.3)
            FROM rapport_store.contact_days FINAL
            ARRAY JOIN arrayZip(`cells.cut_value`, `cells.offered`, `cells.outbound`) AS cell
            WHERE cut != ''
            UNION ALL
            SELECT toString(tenant), toString(cut), toString(cell.1), if(cell.2 = '', toInt64(cell.3), 0)
            FROM rapport_store.milestone_days FINAL
            ARRAY JOIN arrayZip(`cells.cut_value`, `cells.milestone`, `cells.cases`) AS cell
            WHERE cut != ''
            UNION ALL
            SELECT toString(tenant), toString(cut), toString(cell.1), toInt64(cell.2)
            FROM rapport_store.complaint_days FINAL
            ARRAY JOIN arrayZip(`cells.cut_value`, `cells.opened`) AS cell
            WHERE cut != ''
            UNION ALL
            SELECT toString(tenant), toString(cut), '', 0
            FROM rapport_store.attribute_values FINAL
        )
        GROUP BY tenant, cut, value
    )
    GROUP BY tenant, cut
)
WHERE (tenant, cut, values, cap, beyond, n, n_beyond, kept) NOT IN
(
    SELECT toString(tenant), toString(cut), values, cap, beyond, n, n_beyond, kept FROM rapport_store.attribute_values FINAL
)
SETTINGS async_insert = 0
