-- A sum per wanted chain that changes with any milestone of the cases that its contacts name. Filters before FINAL are on columns of the sort key.
SELECT links.tenant, links.chain, sum(cityHash64(m.case_id, m.hour, m.source, m.id, m.revision, m.payload, m.superseded))
FROM
(
    SELECT DISTINCT tenant, chain, case_id
    FROM rapport_store.contacts_by_chain
    WHERE (tenant, chain) IN (SELECT tenant, key FROM wanted) AND case_id != ''
) AS links
INNER JOIN
(
    SELECT tenant, case_id, hour, source, id, revision, payload, superseded
    FROM rapport_store.milestones_by_case FINAL
    PREWHERE (tenant, case_id) IN (SELECT tenant, case_id FROM rapport_store.contacts_by_chain WHERE (tenant, chain) IN (SELECT tenant, key FROM wanted))
) AS m ON m.tenant = links.tenant AND m.case_id = links.case_id
GROUP BY links.tenant, links.chain
