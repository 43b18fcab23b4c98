SELECT count() > 0
FROM rapport_store.erasures FINAL
WHERE tenant = {tenant:String} AND scope = 'tenant' AND state IN ('taking', 'done')
