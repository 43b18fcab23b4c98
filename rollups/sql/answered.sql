SELECT tenant, toString(max(version)) FROM rapport_store.satisfaction_days GROUP BY tenant
UNION ALL
SELECT tenant, toString(max(version)) FROM rapport_store.dimension_days GROUP BY tenant
