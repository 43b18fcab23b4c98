-- Which of the wanted records were erased, each once: where a tenant was erased after its customer, its row shows no tenant.
SELECT topic, partition, offset, min(tenant)
FROM rapport_store.erased_places
WHERE (topic, partition, offset) IN (SELECT topic, partition, offset FROM wanted)
    AND erasure NOT IN (SELECT id FROM rapport_store.erasures FINAL WHERE state = 'seeking')
GROUP BY topic, partition, offset
