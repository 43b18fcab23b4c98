{{- /* Chains that may have failed by a reopening of some cases, but those that go altogether. */ -}}
SELECT DISTINCT chain
FROM rapport_store.chains_of_cases
WHERE tenant = {tenant:String} AND case_id IN ({names:Array(String)})
    AND chain NOT IN (SELECT chain FROM rapport_store.contact_facts WHERE tenant = {tenant:String} AND {{template "erased"}})
