-- Chains that have a contact with the wanted cases.
SELECT DISTINCT tenant, case_id, chain FROM rapport_store.chains_of_cases WHERE (tenant, case_id) IN (SELECT tenant, key FROM wanted)
