-- Rows of pair cuts that are not empty: only pairs come and go with the settings of a tenant.
SELECT 'satisfaction_days', tenant, cut, toString(day) FROM rapport_store.satisfaction_days FINAL WHERE position(cut, ',') > 0 AND notEmpty(`cells.n`)
UNION ALL
SELECT 'dimension_days', tenant, cut, toString(day) FROM rapport_store.dimension_days FINAL WHERE position(cut, ',') > 0 AND notEmpty(`cells.n`)
