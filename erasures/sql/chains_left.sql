{{- /* Chains of erased contacts that have others: of the same issue, or that came since. */ -}}
SELECT DISTINCT chain
FROM rapport_store.contacts_by_chain
WHERE tenant = {tenant:String}
    AND {{template "chain"}} IN (SELECT entity FROM rapport_store.erased_entities WHERE tenant = {tenant:String} AND kind = 'chain' AND erasure = {erasure:String})
