-- Responses of one day of a company: the same every day, so that a day of rollups is that of any other.
INSERT INTO rapport_store.survey_facts
(
    tenant, hour, source, id, revision, payload, retracted, occurred_at, questionnaire, questionnaire_version, invitation_id, customer_id, role, region, org_unit, product,
    service, channel, segment, agent, valid, index_num, index_den, level, nps, ces, repurchase, resolved_first_contact, scale_zero, scale_span,
    `answers.item`, `answers.dimension`, `answers.score`, `answers.expectation`, `answers.importance`, `answers.reasons`, `answers.comment`,
    `dimensions.dimension`, `dimensions.num`, `dimensions.den`
)
WITH
    cityHash64(number) AS h,
    toDateTime64({day:String}, 6, 'UTC') + toIntervalMicrosecond(intDiv(86400000000 * number, {rows:UInt64})) AS at,
    arrayMap(i -> toInt16(10 - least(9, bitCount(bitAnd(bitShiftRight(h, 10 * i), 1023)) % 6)), range(5)) AS scores,
    ['skill', 'attitude', 'timeliness', 'parts', 'overall'] AS dimensions
SELECT
    'acme', toStartOfHour(at), 'app', concat({day:String}, '-', toString(number)), 0, h, false, at, 'after-sales-10', '1', '', concat('c', toString(h % 2000000)), 'customer',
    concat('region-', toString(h % 10)), concat('unit-', toString(h % 100)), concat('product-', toString(intDiv(h, 7) % 30)), concat('service-', toString(intDiv(h, 11) % 8)),
    concat('channel-', toString(intDiv(h, 13) % 5)), concat('segment-', toString(intDiv(h, 17) % 6)), concat('agent-', toString(intDiv(h, 19) % 500)),
    h % 50 != 0, arraySum(scores) * 2, 1, multiIf(arraySum(scores) >= 45, 'very_satisfied', arraySum(scores) >= 35, 'satisfied', 'neutral'), h % 11, h % 7 + 1, h % 5 + 1, h % 3 = 0, 0, 10,
    dimensions, dimensions, scores, arrayMap(x -> CAST(NULL, 'Nullable(Int16)'), dimensions), arrayMap(x -> CAST(NULL, 'Nullable(Int16)'), dimensions),
    arrayMap(s -> if(s < 7, ['fault_not_cleared'], []), scores), arrayMap(x -> '', dimensions),
    dimensions, arrayMap(s -> toInt64(s) * 10, scores), arrayMap(x -> toInt64(1), dimensions)
FROM numbers({rows:UInt64})
SETTINGS async_insert = 0
