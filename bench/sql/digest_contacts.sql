-- digest.sql for contacts.
SELECT sum(cityHash64(
    tenant, hour, source, id, revision, retracted, occurred_at, chain, customer_id, issue, case_id, region, org_unit, product, service, channel, segment, agent,
    arraySort(mapKeys(labels)), arraySort(mapValues(labels)), direction, answered, ifNull(toInt8(resolved), -1),
    ifNull(wait_micros, -1), ifNull(talk_micros, -1), ifNull(hold_micros, -1), ifNull(wrap_micros, -1), transferred))
FROM {{table}} FINAL
