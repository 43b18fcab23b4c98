{{- /* Late records of erased events: their places were not known yet. */ -}}
INSERT INTO rapport_store.erased_places (topic, partition, offset, tenant)
SELECT topic, partition, offset, tenant
FROM rapport_store.late_facts
WHERE _part IN ({parts:Array(String)}) AND id != ''
    AND {{template "event"}} IN (SELECT event FROM rapport_store.erased_events WHERE {{template "counted"}})
