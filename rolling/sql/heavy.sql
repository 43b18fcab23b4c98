{{- /* Parts of the statements over the facts of whole spans, of one cut. Spans of one statement do not overlap, so that each has a slot of its own. */ -}}
{{define "slot"}}transform(roundDown(toUnixTimestamp64Micro(occurred_at), {bounds:Array(Int64)}), {bounds:Array(Int64)}, {slots:Array(UInt16)}, toUInt16(0)) AS slot{{end}}

{{define "hours"}}tenant = {tenant:String} AND hour >= toDateTime({first_hour:UInt32} * 3600, 'UTC') AND hour < toDateTime({end_hour:UInt32} * 3600, 'UTC'){{end}}

{{- /* Values beyond the cap are one before anything is counted by customer. */ -}}
{{define "value"}}{{if .Over -}}
if({{.Value}} = '' OR {{.Value}} IN (SELECT arrayJoin(kept) FROM rapport_store.attribute_values FINAL WHERE tenant = {tenant:String} AND cut = '{{.Cut}}'), {{.Value}}, '{{.Other}}')
{{- else}}{{.Value}}{{end}} AS value{{end}}

{{define "responses"}}{{template "hours" .}} AND slot > 0 AND NOT retracted AND NOT superseded AND role = 'customer'{{end}}
