-- The attributes that are nearest to their cap or furthest beyond it: a row per tenant and cut may be many.
SELECT toString(tenant) AS tenant, toString(attribute) AS attribute, values, beyond, events_beyond
FROM rapport.attribute_overflow
ORDER BY values / cap DESC, tenant, attribute
LIMIT {most:UInt32}
