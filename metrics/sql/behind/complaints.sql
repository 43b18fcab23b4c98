SELECT occurred_at, 'rapport.complaint.v1' AS type, toString(source) AS source, event_id AS id, complaint_id AS entity, {{.Counts}} AS counts,
    concat(if(phase = '', 'no phase', phase), if(severity = '', '', concat(', ', severity)), if(reason = '', '', concat(', reason ', reason)), if(handling = '', '', concat(', handling ', handling)),
        if(timely IS NULL, '', if(assumeNotNull(timely), ', timely', ', not timely')),
        arrayStringConcat(arrayMap((name, at) -> concat(', ', name, ' due ', toString(at)), mapKeys(due), mapValues(due)))) AS what
FROM rapport.complaint_events
WHERE tenant = {tenant:String} AND complaint_id IN (SELECT complaint_id FROM rapport_store.complaint_outcomes FINAL WHERE live AND {{template "complaints" .}})
