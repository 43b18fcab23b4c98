-- How many rows hours have, repetitions among them.
SELECT toUInt32(toUnixTimestamp(hour) / 3600) AS h, count()
FROM rapport_store.survey_facts
WHERE tenant = {tenant:String} AND hour IN (SELECT toDateTime(arrayJoin({hours:Array(UInt32)}) * 3600, 'UTC'))
GROUP BY h
