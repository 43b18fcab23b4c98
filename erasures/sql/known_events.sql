-- Which of the wanted events were erased.
SELECT DISTINCT hex(event)
FROM rapport_store.erased_events
WHERE (tenant, event) IN (SELECT tenant, toFixedString(event, 16) FROM wanted)
