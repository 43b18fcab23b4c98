-- All events of the wanted complaints.
SELECT
    tenant, hour, source, id, revision, payload, retracted, occurred_at, complaint_id, phase, customer_id, case_id, issue,
    severity, category, reason, dimension, handling, timely,
    region, org_unit, product, service, channel, segment, agent, labels, `due.name`, `due.at`, superseded
FROM rapport_store.complaint_events_by_id FINAL
PREWHERE (tenant, complaint_id) IN (SELECT tenant, key FROM wanted)
ORDER BY tenant, complaint_id
