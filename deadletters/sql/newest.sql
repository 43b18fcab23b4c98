{{- /* The newest letters: what somebody who looks wants to see first. */ -}}
SELECT {{template "columns"}}
FROM rapport.dead_letters
{{template "where"}}
ORDER BY ifNull(appended_at, received_at) DESC, topic, partition, offset
LIMIT {limit:UInt64}
