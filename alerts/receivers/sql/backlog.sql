-- Deliveries are looked for from a day before, since the clocks of processes differ. What is told is written without
-- spaces, and a quote within a value is escaped, so that the simple functions find the members; they stop at the first and cost a fraction of the others.
SELECT tenant, count() AS n, min(slot) AS oldest
FROM
(
    SELECT tenant, slot, simpleJSONExtractString(t, 'alert_id') AS alert_id, simpleJSONExtractString(t, 'transition') AS transition
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
