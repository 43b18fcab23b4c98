{{- /* Purged letters that still hold something, in any delivery. */ -}}
SELECT count()
FROM rapport_store.dead_letters
WHERE (topic, partition, offset) IN (SELECT topic, partition, offset FROM rapport_store.record_states WHERE state = 'purged')
    AND (detail != '' OR key != '' OR value != '' OR notEmpty(headers))
