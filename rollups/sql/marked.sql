{{- /* Parts that statements over marked days share. The data are a family; names come from closed lists, values are parameters. */ -}}
{{define "marked"}}marked AS
    (
        SELECT m.1 AS tenant, m.2 AS day, m.3 AS first_hour, m.4 AS end_hour, m.5 AS version
        FROM (SELECT arrayJoin(arrayZip({tenants:Array(String)}, {days:Array(Date32)}, {first_hours:Array(UInt32)},
            {end_hours:Array(UInt32)}, arrayMap(v -> toUInt128(v), {versions:Array(String)}))) AS m)
    ){{end}}

{{- define "hours"}}(tenant, hour) IN (SELECT tenant, toDateTime(arrayJoin(range(first_hour, end_hour)) * 3600, 'UTC') FROM marked){{end}}

{{- /* What is not sorted by time is found by the facts that could have booked it on the day, in whatever version, and then read by key. */ -}}
{{define "candidates"}}(tenant, {{.Key}}) IN (SELECT tenant, {{.Key}} FROM rapport_store.{{.Facts}} WHERE {{.Begins}} AND {{template "hours" .}}){{end}}

{{- /* Rows of the source that lie in marked days. */ -}}
{{define "scan"}}{{if .Facts}}{{template "candidates" .}}
            AND {{.At}} IS NOT NULL{{else}}{{template "hours" .}}{{end}}
            AND (tenant, day) IN (SELECT tenant, day FROM marked){{end}}

{{- define "day"}}toDate32(assumeNotNull({{.At}}), {zone:String}){{end}}
