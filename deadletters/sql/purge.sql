{{- /* Removes the content of all purged letters from the parts, that of letters that came again too. The row stays: it is counted by its place. */ -}}
ALTER TABLE rapport_store.dead_letters
UPDATE detail = '', key = '', value = '', headers = map()
WHERE (topic, partition, offset) IN (SELECT topic, partition, offset FROM rapport_store.record_states WHERE state = 'purged')
    AND (detail != '' OR key != '' OR value != '' OR notEmpty(headers))
SETTINGS mutations_sync = 2
