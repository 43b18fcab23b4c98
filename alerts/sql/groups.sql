SELECT DISTINCT `group`
FROM
(
    SELECT tenant, `group`, argMax(alive, (instant, slot)) AS alive
    FROM rapport_store.alert_states FINAL
    GROUP BY tenant, `group`
)
WHERE alive > 0
ORDER BY `group`
