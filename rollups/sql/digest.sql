{{- /* A sum per day that changes with any row of the source in the day, and with any other row that its figures depend on. */ -}}
WITH
    {{template "marked" .}}
SELECT tenant, toString({{template "day" .}} AS day), sum(cityHash64({{.Digest}}{{if .Subjects}}, others{{end}}))
FROM rapport_store.{{.Source}} FINAL
{{- if .Subjects}}
LEFT JOIN
(
    SELECT tenant, customer_id, issue, sum(cityHash64(complaint_id, version)) AS others
    FROM rapport_store.complaint_subjects FINAL
    WHERE {{template "subjects" .}}
    GROUP BY tenant, customer_id, issue
) AS subjects USING (tenant, customer_id, issue)
{{- end}}
WHERE {{template "scan" .}}
GROUP BY tenant, day
