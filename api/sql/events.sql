-- The events that the statement of the registry lists, in one type for all metrics.
SELECT occurred_at, toString(type), toString(source), toString(id), toString(entity), CAST(counts AS Bool), toString(what)
FROM (behind)
ORDER BY occurred_at, type, source, id
