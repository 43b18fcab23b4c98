SELECT DISTINCT tenant
FROM
(
    SELECT tenant FROM rapport_store.satisfaction_days
    UNION ALL SELECT tenant FROM rapport_store.contact_days
    UNION ALL SELECT tenant FROM rapport_store.milestone_days
    UNION ALL SELECT tenant FROM rapport_store.complaint_days
)
ORDER BY tenant
