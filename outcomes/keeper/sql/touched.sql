{{- /* Entities in parts of facts with rows that came since blocks were last looked at; the names are of a closed set. */ -}}
WITH mapFromArrays({partitions:Array(String)}, {blocks:Array(Int64)}) AS seen
SELECT DISTINCT tenant, {{.Key}}
FROM rapport_store.{{.Facts}}
WHERE _part IN
(
    SELECT name
    FROM system.parts
    WHERE database = 'rapport_store' AND table = '{{.Facts}}' AND active AND max_block_number > seen[partition_id]
)
LIMIT {limit:UInt64}
