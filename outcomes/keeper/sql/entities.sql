-- Every chain, case and complaint that has facts, of one tenant or of all.
SELECT DISTINCT tenant, 'chain' AS kind, chain AS key FROM rapport_store.contacts_by_chain WHERE {tenant:String} IN ('', tenant)
UNION ALL
SELECT DISTINCT tenant, 'case', case_id FROM rapport_store.milestones_by_case WHERE {tenant:String} IN ('', tenant)
UNION ALL
SELECT DISTINCT tenant, 'complaint', complaint_id FROM rapport_store.complaint_events_by_id WHERE {tenant:String} IN ('', tenant)
