SELECT tenant, top.1, top.2, top.3
FROM (SELECT tenant, max((epoch, fingerprint, marked)) AS top FROM rapport_store.epochs GROUP BY tenant)
