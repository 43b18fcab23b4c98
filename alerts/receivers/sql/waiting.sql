-- Those of one alert are in the order of their instants: an alert changes once an instant at most.
SELECT t
FROM
(
    SELECT tenant, slot, t, simpleJSONExtractString(t, 'alert_id') AS alert_id, simpleJSONExtractString(t, 'transition') AS transition
    FROM rapport_store.alert_states FINAL
    ARRAY JOIN transitions AS t
    WHERE slot > {since:Int64} AND has({tenants:Array(String)}, tenant)
) AS told
LEFT ANTI JOIN
(
    SELECT tenant, alert_id, transition
    FROM rapport_store.alert_deliveries FINAL
    WHERE receiver = {receiver:String} AND at > fromUnixTimestamp64Milli({since:Int64} - 86400000, 'UTC')
) AS done USING (tenant, alert_id, transition)
ORDER BY slot, tenant, alert_id, transition
LIMIT {limit:UInt64}
