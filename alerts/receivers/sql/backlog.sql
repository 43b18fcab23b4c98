-- Deliveries are looked for from a day before, since the clocks of processes differ.
SELECT tenant, count() AS n, min(slot) AS oldest
FROM
(
    SELECT tenant, slot, JSONExtractString(t, 'alert_id') AS alert_id, JSONExtractString(t, 'transition') AS transition
    FROM rapport_store.alert_states FINAL
    ARRAY JOIN transitions AS t
    WHERE slot > {since:Int64}
) AS told
LEFT ANTI JOIN
(
    SELECT tenant, alert_id, transition
    FROM rapport_store.alert_deliveries FINAL
    WHERE receiver = {receiver:String} AND at > fromUnixTimestamp64Milli({since:Int64} - 86400000, 'UTC')
) AS done USING (tenant, alert_id, transition)
GROUP BY tenant
ORDER BY tenant
