{{- /* Rows about the subject, and the events that they are of. */ -}}
SELECT count(), {{if .Events}}uniqExact(source, id){{else}}toUInt64(0){{end}}
FROM rapport_store.{{.Name}}
WHERE tenant = {tenant:String} AND {{template "about" .}}
