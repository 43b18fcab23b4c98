{{- /* Block numbers rise with every insert into a partition, so that parts above those seen hold what came since. */ -}}
SELECT partition_id, max(max_block_number)
FROM system.parts
WHERE database = 'rapport_store' AND table = '{{.Source}}' AND active
GROUP BY partition_id
