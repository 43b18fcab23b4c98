{{- /* Hashes of the events about the subject, with how often each was accepted. */ -}}
INSERT INTO rapport_store.erased_events (tenant, event, type, identity, revisions, contents, source, erasure)
SELECT {tenant:String}, found.event, '{{.Type}}', found.identity, counted.revisions, counted.contents, {{if .Customer}}found.source{{else}}''{{end}}, {erasure:String}
FROM
(
    SELECT DISTINCT {{template "event"}} AS event, cityHash64(source, id) AS identity, source
    FROM rapport_store.{{.Name}}
    WHERE tenant = {tenant:String} AND {{template "about" .}}
) AS found
LEFT JOIN
(
    SELECT identity, uniqExact(revision) AS revisions, uniqExact(revision, payload) AS contents
    FROM rapport_store.identities
    WHERE tenant = {tenant:String} AND type = '{{.Type}}'
    GROUP BY identity
) AS counted USING identity
