-- Which offsets of a partition got which verdict before.
SELECT toString(verdict), first, last
FROM rapport_store.consumed
WHERE topic = {topic:String} AND partition = {partition:Int32} AND last >= {from:Int64} AND first < {to:Int64}
ORDER BY first
