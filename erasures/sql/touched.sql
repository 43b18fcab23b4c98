-- Block numbers rise with every insert into a partition, so that parts above those seen hold what came since.
SELECT name, partition_id, max_block_number
FROM system.parts
WHERE database = 'rapport_store' AND table = {table:String} AND active
