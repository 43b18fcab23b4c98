-- Facts by the million, each of them one that processors have made, under another id, at another time and of other attributes: what is stored of a
-- response (scores, validity, index, level, answers) is true to the contract, and no combination of attributes comes up more often than it would.
-- Copies follow each other in time, as a topic gives them: copy i of n has the i-th part of the span from {{from}} to {{to}}.
INSERT INTO rapport_store.survey_facts
SELECT facts.* EXCEPT (copy, seed, agent_number, region_name, at) REPLACE
(
    toStartOfHour(at) AS hour,
    concat(id, '-', leftPad(toString(copy), 4, '0')) AS id,
    cityHash64(payload, copy) AS payload,
    at AS occurred_at,
    if(customer_id = '', '', concat('c-', toString(cityHash64(seed, 'customer') % {{customers}}))) AS customer_id,
    region_name AS region,
    concat(region_name, '/', toString(intDiv(agent_number, 8) % 6 + 1)) AS org_unit,
    concat('product-', toString(cityHash64(seed, 'product') % 20)) AS product,
    concat('service-', toString(cityHash64(seed, 'service') % 6)) AS service,
    ['phone', 'web', 'app', 'visit', 'shop'][1 + cityHash64(seed, 'channel') % 5] AS channel,
    ['key', 'regular', 'small', 'new'][1 + cityHash64(seed, 'segment') % 4] AS segment,
    concat('agent-', leftPad(toString(agent_number), 3, '0')) AS agent
)
FROM
(
    SELECT
        *, {{first}} + arrayJoin(range({{copies}})) AS copy,
        cityHash64(id, copy) AS seed,
        cityHash64(seed, 'agent') % {{agents}} AS agent_number,
        ['north', 'south', 'east', 'west', 'centre', 'islands', 'coast', 'hills'][1 + agent_number % 8] AS region_name,
        fromUnixTimestamp64Micro(toInt64({{from}} + ({{to}} - {{from}}) / {{n}} * (copy + (seed % 1000003) / 1000003)), 'UTC') AS at
    FROM bench.template
) AS facts
