{{- /* Hashes of the chains that erased contacts belong to. */ -}}
INSERT INTO rapport_store.erased_entities (tenant, kind, entity, erasure)
SELECT DISTINCT {tenant:String}, 'chain', {{template "chain"}}, {erasure:String}
FROM rapport_store.contacts_by_chain
WHERE tenant = {tenant:String} AND {{template "erased"}}
