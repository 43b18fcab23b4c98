{{- /* Rows of the inserts since. Without FINAL: each is held against the keys that are known. */ -}}
SELECT
    {{- range $i, $c := .Columns}}{{if $i}},{{end}}
    {{if eq $c "day"}}toInt32(0) AS day
    {{- else if eq $c "micros"}}toUnixTimestamp64Micro(occurred_at) AS micros
    {{- else if eq $c "digest"}}cityHash64(hour, source, id) AS digest
    {{- else if eq $c "fingerprint"}}cityHash64({{$.Content}}) AS fingerprint
    {{- else}}`{{$c}}`{{end}}{{end}}
FROM rapport_store.survey_facts
PREWHERE _block_number > transform(_partition_id, {partitions:Array(String)}, {blocks:Array(UInt64)}, toUInt64(0))
    AND _block_number <= transform(_partition_id, {now_partitions:Array(String)}, {now_blocks:Array(UInt64)}, toUInt64(0))
WHERE tenant = {tenant:String} AND hour >= toDateTime({first:UInt32} * 3600, 'UTC')
