-- Of which of the wanted records the content was purged.
SELECT DISTINCT topic, partition, offset
FROM rapport_store.record_states
WHERE state = 'purged' AND (topic, partition, offset) IN (SELECT topic, partition, offset FROM wanted)
