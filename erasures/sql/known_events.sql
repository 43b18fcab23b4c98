-- Which of the wanted events were erased. An erasure counts once it has all its hashes: one that was cut off before keeps nothing out.
SELECT DISTINCT hex(event)
FROM rapport_store.erased_events
WHERE (tenant, event) IN (SELECT tenant, toFixedString(event, 16) FROM wanted)
    AND erasure NOT IN (SELECT id FROM rapport_store.erasures FINAL WHERE state = 'seeking')
