-- Stored outcomes of the wanted contacts, by the key of each.
SELECT
    tenant, hour, source, id, revision, payload, retracted, occurred_at, chain, customer_id, issue, case_id,
    region, org_unit, product, service, channel, segment, agent, labels,
    direction, answered, resolved, wait_micros, talk_micros, hold_micros, wrap_micros, transferred, superseded,
    live, in_chain, is_first, episode, later, fcr, fcr_reason, excluded, confirmed_at, next_micros, in_service_level
FROM rapport_store.contact_outcomes FINAL
PREWHERE (tenant, hour, source, id, chain) IN (SELECT tenant, toDateTime(hour, 'UTC'), source, id, chain FROM wanted_contacts)
