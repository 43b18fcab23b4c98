-- How many rows hours have, repetitions among them.
SELECT toUInt32(toUnixTimestamp(hour) / 3600) AS h, count()
FROM rapport_store.survey_facts
WHERE tenant = {tenant:String} AND hour >= toDateTime({first:UInt32} * 3600, 'UTC') AND hour < toDateTime({end:UInt32} * 3600, 'UTC')
GROUP BY h
