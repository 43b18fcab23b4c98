-- Which offsets of a partition got which verdict before, and which of them a replay has noted to have taken.
SELECT verdict, first, last
FROM
(
    SELECT toString(verdict) AS verdict, first, last
    FROM rapport_store.consumed
    WHERE topic = {topic:String} AND partition = {partition:Int32} AND last >= {from:Int64} AND first < {to:Int64}
    UNION ALL
    SELECT 'noted', offset, offset
    FROM rapport_store.record_states
    WHERE topic = {topic:String} AND partition = {partition:Int32} AND offset >= {from:Int64} AND offset < {to:Int64} AND state = 'accepted'
)
ORDER BY first
