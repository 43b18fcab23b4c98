-- Which of the wanted records were erased.
SELECT topic, partition, offset, tenant
FROM rapport_store.erased_places FINAL
WHERE (topic, partition, offset) IN (SELECT topic, partition, offset FROM wanted)
