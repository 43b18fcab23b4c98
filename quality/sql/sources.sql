-- Those with the most trouble by name, the rest together: an app that makes up sources shall not make up series.
SELECT
    if(place <= {most:UInt32}, toString(tenant), 'other') AS tenant_name, if(place <= {most:UInt32}, source, 'other') AS source_name,
    if(place <= {most:UInt32}, type, 'other') AS type_name,
    sum(received) AS received_n, sum(accepted) AS accepted_n, sum(rejected) AS rejected_n, sum(late) AS late_n, sum(duplicates) AS duplicates_n,
    sum(revisions) AS revisions_n, sum(conflicts) AS conflicts_n, sum(settled) AS settled_n, sum(invalid) AS invalid_n,
    sum(unknown_fields) AS unknown_fields_n, sum(ahead) AS ahead_n, maxOrNull(lateness_p99_seconds) AS p99
FROM
(
    SELECT
        *,
        row_number() OVER (ORDER BY rejected + late + conflicts + settled + unknown_fields + greatest(duplicates, 0) DESC, received DESC, tenant, source, type) AS place
    FROM rapport.data_quality_by_source
)
GROUP BY tenant_name, source_name, type_name
