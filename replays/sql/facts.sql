{{- /* What is stored under the keys of a batch: a number that changes with any column, and what decides between deliveries. Labels come in no order. */ -}}
SELECT toString(tenant), toUnixTimestamp(hour), toString(source), id, cityHash64(toString(tuple(* EXCEPT (labels), mapSort(labels)))), revision, payload
FROM rapport_store.{{.}} FINAL
WHERE (tenant, hour, source, id) IN (SELECT tenant, toDateTime(hour, 'UTC'), source, id FROM keys)
