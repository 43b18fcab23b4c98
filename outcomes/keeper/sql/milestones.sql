-- All milestone events of the wanted cases.
SELECT
    tenant, hour, source, id, revision, payload, retracted, occurred_at, case_id, milestone, customer_id,
    region, org_unit, product, service, channel, segment, agent, labels, `due.name`, `due.at`, superseded
FROM rapport_store.milestones_by_case FINAL
PREWHERE (tenant, case_id) IN (SELECT tenant, key FROM wanted)
ORDER BY tenant, case_id
