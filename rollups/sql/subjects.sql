{{- /* Complaints on a subject, a customer and an issue, of which there is one that may be in the marked days. */ -}}
{{define "subjects"}}(tenant, customer_id, issue) IN (SELECT tenant, customer_id, issue FROM rapport_store.complaint_outcomes WHERE {{template "candidates" .}}){{end}}
