-- The last insert into each partition, the first of those that are there, and a number that changes with every mutation; pending ones forbid to lean on anything.
SELECT
    partition_id,
    toUInt64(max(max_block_number)) AS block,
    toUInt64(min(min_block_number)) AS first,
    (SELECT groupBitXor(cityHash64(mutation_id)) FROM system.mutations WHERE database = 'rapport_store' AND table = 'survey_facts') AS mutations,
    (SELECT countIf(NOT is_done) FROM system.mutations WHERE database = 'rapport_store' AND table = 'survey_facts') AS pending
FROM system.parts
WHERE database = 'rapport_store' AND table = 'survey_facts' AND active
GROUP BY partition_id
