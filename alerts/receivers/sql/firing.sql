-- Only groups with alerts that are alive are looked into. What the receiver refused once it would refuse again.
SELECT last
FROM
(
    SELECT tenant, alert_id, argMax(t, slot) AS last, max(slot) AS told_at
    FROM
    (
        SELECT tenant, slot, t, simpleJSONExtractString(t, 'alert_id') AS alert_id
        FROM rapport_store.alert_states FINAL
        ARRAY JOIN transitions AS t
        WHERE slot > 0 AND (tenant, `group`) IN
        (
            SELECT tenant, `group`
            FROM rapport_store.alert_states FINAL
            GROUP BY tenant, `group`
            HAVING argMax(alive, (instant, slot)) > 0
        )
    )
    GROUP BY tenant, alert_id
    HAVING simpleJSONExtractString(last, 'transition') = 'firing'
) AS told
LEFT ANTI JOIN
(
    SELECT tenant, alert_id
    FROM rapport_store.alert_deliveries FINAL
    WHERE receiver = {receiver:String} AND transition = 'firing' AND outcome = 'refused'
) AS refused USING (tenant, alert_id)
ORDER BY told_at, tenant, alert_id
LIMIT {limit:UInt64}
