-- The last state of each tenant. Where two evaluators had the same instant, the one that told something holds.
SELECT tenant, argMax(state, (instant, slot)) AS state
FROM rapport_store.alert_states FINAL
WHERE `group` = {group:String}
GROUP BY tenant
ORDER BY tenant
