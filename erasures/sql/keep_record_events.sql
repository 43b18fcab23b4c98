{{- /* Hashes of the events that erased records held, which were not accepted, under the tenant that they are looked up by. */ -}}
INSERT INTO rapport_store.erased_events (tenant, event, type, identity, revisions, contents, erasure)
SELECT DISTINCT tenant, {{template "event"}}, type, cityHash64(source, id), 0, 0, {erasure:String}
FROM
(
    SELECT if(r.tenant = '', {default:String}, toString(r.tenant)) AS tenant, toString(r.source) AS source, r.id AS id, toString(r.type) AS type
    FROM rapport_store.{{.Name}} AS r
    WHERE r.tenant IN ({tenant:String}, '') AND r.id != ''
        AND (r.topic, r.partition, r.offset) IN (SELECT topic, partition, offset FROM rapport_store.erased_places WHERE erasure = {erasure:String})
)
