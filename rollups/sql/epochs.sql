{{- /* The epochs in force; the table's name is one of two constants. */ -}}
SELECT tenant, top.1, top.2, top.3
FROM (SELECT tenant, max((epoch, fingerprint, marked)) AS top FROM rapport_store.{{.}} GROUP BY tenant)
