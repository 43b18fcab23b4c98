-- Erased tenants with a ranking but without days that it could be of.
SELECT groupUniqArray(toString(tenant))
FROM rapport_store.attribute_values
WHERE tenant IN (SELECT tenant FROM rapport_store.erasures FINAL WHERE scope = 'tenant' AND state IN ('taking', 'done'))
    AND tenant NOT IN (SELECT tenant FROM rapport_store.satisfaction_days)
    AND tenant NOT IN (SELECT tenant FROM rapport_store.contact_days)
    AND tenant NOT IN (SELECT tenant FROM rapport_store.milestone_days)
    AND tenant NOT IN (SELECT tenant FROM rapport_store.complaint_days)
