-- A sum per day that changes with any fact of the day.
SELECT tenant, toString(toDate32(occurred_at, {zone:String}) AS day), sum(cityHash64(hour, source, id, revision, payload, retracted, superseded))
FROM rapport_store.survey_facts FINAL
WHERE (tenant, hour) IN
    (
        SELECT m.1, toDateTime(arrayJoin(range(m.2, m.3)) * 3600, 'UTC')
        FROM (SELECT arrayJoin(arrayZip({tenants:Array(String)}, {first_hours:Array(UInt32)}, {end_hours:Array(UInt32)})) AS m)
    )
    AND (tenant, day) IN (SELECT arrayJoin(arrayZip({tenants:Array(String)}, {days:Array(Date32)})))
GROUP BY tenant, day
