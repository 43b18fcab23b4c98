SELECT occurred_at, 'rapport.milestone.v1' AS type, toString(source) AS source, event_id AS id, case_id AS entity, {{.Counts}} AS counts,
    concat(milestone, arrayStringConcat(arrayMap((name, at) -> concat(', ', name, ' due ', toString(at)), mapKeys(due), mapValues(due)))) AS what
FROM rapport.milestones
WHERE tenant = {tenant:String} AND case_id IN (SELECT case_id FROM rapport_store.case_outcomes FINAL WHERE live AND {{template "cases" .}})
