{{- /* Facts of hours as package fold takes them, in its order of columns: what FINAL leaves of each, those out of force among them, so that no filter
can bring an older version back. Which of them lie in marked days is decided there. */ -}}
WITH
    {{template "marked" .}}
SELECT
    {{- range $i, $c := .Columns}}{{if $i}},{{end}}
    {{if eq $c "day"}}toInt32({{template "day" $}}) AS day
    {{- else if eq $c "micros"}}toUnixTimestamp64Micro({{$.At}}) AS micros
    {{- else if eq $c "digest"}}cityHash64({{$.Digest}}) AS digest
    {{- else}}`{{$c}}`{{end}}{{end}}
FROM rapport_store.{{.Source}} FINAL
WHERE {{template "hours" .}}
