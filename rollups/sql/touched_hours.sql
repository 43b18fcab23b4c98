-- Hours in parts with rows that came since blocks were last looked at. Parts that were merged since hold older rows too, which
-- costs a comparison and no more.
WITH mapFromArrays({partitions:Array(String)}, {blocks:Array(Int64)}) AS seen
SELECT DISTINCT tenant, hour
FROM rapport_store.survey_facts
WHERE _part IN
(
    SELECT name
    FROM system.parts
    WHERE database = 'rapport_store' AND table = 'survey_facts' AND active AND max_block_number > seen[partition_id]
)
