{{define "where"}}WHERE ({tenant:String} IN ('', tenant) OR {unnamed:UInt8} = 1 AND tenant = '') AND {topic:String} IN ('', topic) AND {reason:String} IN ('', reason) AND {source:String} IN ('', source)
    AND {state:String} IN ('all', state)
    AND ifNull(appended_at, received_at) >= fromUnixTimestamp64Milli({since:Int64}, 'UTC') AND ifNull(appended_at, received_at) < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
    AND ({picked:UInt8} = 0 OR (topic, partition, offset) IN (SELECT topic, partition, offset FROM picked)){{end}}

{{define "columns"}}toString(topic), partition, offset, appended_at, received_at, toString(reason), field, detail, toString(tenant), source, event_id, type, toString(state), requeued_at, key, value, headers{{end}}
