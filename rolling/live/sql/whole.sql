{{- /* Whole hours: what holds of their facts, as of the inserts seen. What came later has no time, which leaves it out, and is read as what came later. */ -}}
SELECT
    {{- range $i, $c := .Columns}}{{if $i}},{{end}}
    {{if eq $c "day"}}toInt32(0) AS day
    {{- else if eq $c "micros"}}if(_block_number <= transform(_partition_id, {partitions:Array(String)}, {blocks:Array(UInt64)}, toUInt64(0)), toUnixTimestamp64Micro(occurred_at), toInt64(-9223372036854775807 - 1)) AS micros
    {{- else if eq $c "digest"}}cityHash64(hour, source, id) AS digest
    {{- else if eq $c "fingerprint"}}cityHash64({{$.Content}}) AS fingerprint
    {{- else}}`{{$c}}`{{end}}{{end}}
FROM rapport_store.survey_facts FINAL
WHERE tenant = {tenant:String} AND hour IN (SELECT toDateTime(arrayJoin({hours:Array(UInt32)}) * 3600, 'UTC'))
