-- All contacts of the wanted chains. The filter is on the first columns of the sort key alone, so that it may run before FINAL.
-- The columns are those of schemas.ContactFact in its order: rows are read by position (contacts.go).
-- One thread gives them in the order of the key, but for where that begins anew with another year: to have them sorted here would cost as much as to read them.
SELECT
    tenant, hour, source, id, revision, payload, retracted, occurred_at, chain, customer_id, issue, case_id,
    region, org_unit, product, service, channel, segment, agent, labels,
    direction, answered, resolved, wait_micros, talk_micros, hold_micros, wrap_micros, transferred, superseded
FROM rapport_store.contacts_by_chain FINAL
PREWHERE (tenant, chain) IN (SELECT tenant, key FROM wanted)
SETTINGS max_threads = 1
