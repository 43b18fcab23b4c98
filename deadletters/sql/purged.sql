{{- /* Which of the letters at hand are purged. */ -}}
SELECT DISTINCT toString(topic), partition, offset
FROM rapport_store.record_states
WHERE state = 'purged' AND (topic, partition, offset) IN (SELECT topic, partition, offset FROM picked)
