{{- /* Hashes of the events that erased records held, which were not accepted. */ -}}
INSERT INTO rapport_store.erased_events (tenant, event, type, identity, revisions, contents)
SELECT DISTINCT tenant, {{template "event"}}, type, cityHash64(source, id), 0, 0
FROM
(
    SELECT {tenant:String} AS tenant, toString(source) AS source, id, toString(type) AS type
    FROM rapport_store.{{.Name}}
    WHERE id != '' AND (topic, partition, offset) IN (SELECT topic, partition, offset FROM rapport_store.erased_places)
)
