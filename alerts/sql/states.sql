-- The last state of each tenant. Where two evaluators had the same instant, the one that told something holds. Which row that is, is looked for without states:
-- those of all that was ever told are many.
SELECT tenant, state
FROM rapport_store.alert_states FINAL
PREWHERE `group` = {group:String} AND (tenant, slot) IN
(
    SELECT tenant, argMax(slot, (instant, slot))
    FROM rapport_store.alert_states FINAL
    WHERE `group` = {group:String}
    GROUP BY tenant
)
ORDER BY tenant
