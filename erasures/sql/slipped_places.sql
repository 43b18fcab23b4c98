{{- /* How many rows of erased records in some parts still hold what they held. */ -}}
SELECT count()
FROM rapport_store.{{.Name}}
WHERE _part IN ({parts:Array(String)}) AND (value != '' OR key != '' OR id != '' OR notEmpty(mapKeys(headers)))
    AND (topic, partition, offset) IN (SELECT topic, partition, offset FROM rapport_store.erased_places WHERE {{template "counted"}})
