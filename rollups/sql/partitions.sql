SELECT DISTINCT table, partition_id
FROM system.parts
WHERE database = 'rapport_store' AND table IN ('survey_facts', 'invitation_facts', 'identities') AND active
ORDER BY table, partition_id
