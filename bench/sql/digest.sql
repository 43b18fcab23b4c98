-- A sum over the rows, so that their order does not matter, of every column that comes from the event itself. Events that the contract refuses are left out: a
-- contender that does not know the contract has them.
SELECT sum(cityHash64(
    tenant, hour, source, id, revision, retracted, occurred_at, questionnaire, invitation_id, customer_id, role, case_id, contact_id,
    region, org_unit, product, service, channel, segment, agent, arraySort(mapKeys(labels)), arraySort(mapValues(labels)),
    ifNull(nps, -1), ifNull(ces, -1), ifNull(repurchase, -1), ifNull(toInt8(resolved_first_contact), -1), comment,
    arraySort(arrayMap((item, score, reasons, text) -> (item, ifNull(score, -1), reasons, text),
        `answers.item`, `answers.score`, `answers.reasons`, `answers.comment`))))
FROM {{table}} FINAL
WHERE NOT startsWith(id, 'bad-')
