-- Changes with every insert into what figures rest on, and with nothing else: block numbers rise with inserts and survive merges.
SELECT groupBitXor(cityHash64(table, partition_id, newest))
FROM
(
    SELECT table, partition_id, max(max_block_number) AS newest
    FROM system.parts
    WHERE database = 'rapport_store' AND active AND table IN {tables:Array(String)}
    GROUP BY table, partition_id
)
