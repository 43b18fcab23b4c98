{{- /* Hours in parts with rows that came since blocks were last looked at. Parts that were merged since hold older rows too, which
costs a comparison and no more. */ -}}
WITH mapFromArrays({partitions:Array(String)}, {blocks:Array(Int64)}) AS seen
SELECT DISTINCT tenant, {{.Hour}}
FROM rapport_store.{{.Source}}
WHERE _part IN
(
    SELECT name
    FROM system.parts
    WHERE database = 'rapport_store' AND table = '{{.Source}}' AND active AND max_block_number > seen[partition_id]
){{if .Facts}} AND {{.At}} IS NOT NULL{{end}}
