{{- /* What statements share. Names come from closed lists; values are parameters. */ -}}

{{- /* The hash of an event, as HashOf computes it. */ -}}
{{define "event"}}toFixedString(substring(SHA256(concat(toString(length(tenant)), ':', tenant, toString(length(source)), ':', source, id)), 1, 16), 16){{end}}

{{- /* The hash of a case or complaint, as entityHash computes it; the data are the column. */ -}}
{{define "entity"}}toFixedString(substring(SHA256(concat(toString(length(tenant)), ':', tenant, {{.}})), 1, 16), 16){{end}}

{{- /* Hashes and places count once their erasure has them all: one that was cut off before must not take a part away. */ -}}
{{define "counted"}}erasure NOT IN (SELECT id FROM rapport_store.erasures FINAL WHERE state = 'seeking'){{end}}

{{- /* The hash of a chain. A chain names a customer, who could be guessed, so the key of the erasure goes into it. */ -}}
{{define "chain"}}toFixedString(substring(SHA256(concat({key:String}, toString(length(tenant)), ':', tenant, chain)), 1, 16), 16){{end}}

{{- /* Rows of events that were erased. The short hash goes first: it is cheap and lets few through. No name of a customer is in it, since mutations
are kept as they were written. */ -}}
{{define "erased"}}cityHash64(source, id) IN (SELECT identity FROM rapport_store.erased_events WHERE tenant = {tenant:String} AND {{template "counted"}})
    AND {{template "event"}} IN (SELECT event FROM rapport_store.erased_events WHERE tenant = {tenant:String} AND {{template "counted"}}){{end}}

{{- /* Rows that are about the subject. For a customer: they name it, their chain does, or they name nobody and their case or complaint is the customer's.
All stored versions of a row are asked, in force or not. */ -}}
{{define "about"}}{{if .Customer}}(
    {{- if .Chain}}{{if .Column}}customer_id = {customer:String} OR {{end}}chain = {chain:String} OR startsWith(chain, concat({chain:String}, '&'))
    {{- else}}customer_id = {customer:String}{{end}}
    {{- if .Outcomes}} OR customer_id = '' AND NOT superseded AND {{.Entity}} IN
        (SELECT {{.Entity}} FROM rapport_store.{{.Outcomes}} FINAL WHERE tenant = {tenant:String} AND live AND customer_id = {customer:String}){{end}})
    {{- else}}true{{end}}{{end}}
