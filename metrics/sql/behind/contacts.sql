SELECT occurred_at, 'rapport.contact.v1' AS type, toString(source) AS source, contact_id AS id, case_id AS entity, ifNull({{.Counts}}, false) AS counts,
    concat(direction, if(answered, ', answered', ', not answered'), multiIf(is_first, ', first', chain != '', ', repeat', ''),
        if(fcr = '', '', concat(', fcr ', fcr)), if(fcr_reason = '', '', concat(': ', fcr_reason)), if(ifNull(confirmed_at > {{template "judged"}}, false), ', provisional', ''),
        if(wait_seconds IS NULL, '', concat(', waited ', toString(assumeNotNull(wait_seconds)), ' s'))) AS what
FROM rapport.contacts
WHERE {{template "contacts" .}}
