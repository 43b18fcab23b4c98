{{- /* What is added up by slot, cut and key, in types that a reader takes without looking: numbers of 128 bits come as two. */ -}}
SELECT
    slot,
    toString(cut) AS cut_name,
    toString(cut_value) AS cut_text
    {{- range $i, $key := .Keys}}, {{.Expression}} AS k{{$i}}{{end}}
    {{- range .Sums}}, {{.}}{{end}}
FROM
(
{{.From}}
)
GROUP BY slot, cut_name, cut_text{{range $i, $key := .Keys}}, k{{$i}}{{end}}
