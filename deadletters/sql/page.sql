{{- /* The next letters in the order of their places, so that a long run is read in parts. */ -}}
SELECT {{template "columns"}}
FROM rapport.dead_letters
{{template "where"}} AND (topic, partition, offset) > ({after_topic:String}, {after_partition:Int32}, {after_offset:Int64})
ORDER BY topic, partition, offset
LIMIT {limit:UInt64}
