{{- /* Hashes of erased dead letters without an id, by key and value, under no tenant and no source. */ -}}
INSERT INTO rapport_store.erased_events (tenant, event, type, identity, revisions, contents, erasure)
SELECT DISTINCT tenant, {{template "event"}}, '', cityHash64(source, id), 0, 0, {erasure:String}
FROM
(
    SELECT '' AS tenant, '' AS source, concat(toString(length(letter.key)), ':', letter.key, letter.value) AS id
    FROM rapport_store.dead_letters AS letter
    WHERE letter.id = '' AND (key != '' OR value != '') AND (topic, partition, offset) IN (SELECT topic, partition, offset FROM rapport_store.erased_places WHERE erasure = {erasure:String})
)
