-- Ids that came in under more than one hour or entity, with all their deliveries. The sort key has hours and entities last, so that this
-- is one pass in order without a hash table.
SELECT tenant, type, identity, deliveries.1, deliveries.2, deliveries.3, deliveries.4
FROM
(
    SELECT tenant, type, identity, arraySort(groupUniqArray((revision, payload, hour, entity))) AS deliveries
    FROM rapport_store.identities
    GROUP BY tenant, type, identity
    HAVING min(hour) != max(hour) OR min(entity) != max(entity)
)
SETTINGS optimize_aggregation_in_order = 1
