-- Which of the wanted records were erased, and of which the content was purged.
SELECT topic, partition, offset, tenant, false AS purged
FROM rapport_store.erased_places FINAL
WHERE (topic, partition, offset) IN (SELECT topic, partition, offset FROM wanted)
UNION ALL
SELECT topic, partition, offset, '', true
FROM rapport_store.record_states
WHERE state = 'purged' AND (topic, partition, offset) IN (SELECT topic, partition, offset FROM wanted)
