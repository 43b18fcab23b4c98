SELECT DISTINCT tenant, toString(day) FROM rapport_store.satisfaction_days WHERE {tenant:String} IN ('', tenant)
UNION DISTINCT
SELECT DISTINCT tenant, toString(day) FROM rapport_store.dimension_days WHERE {tenant:String} IN ('', tenant)
