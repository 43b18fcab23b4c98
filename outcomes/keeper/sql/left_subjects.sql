-- Subjects under which wanted complaints still have a live row though a newer outcome names another one, or none, with the version of that outcome.
-- Both filters before FINAL are on columns of the sort keys.
SELECT s.tenant AS tenant, s.customer_id AS customer_id, s.issue AS issue, s.complaint_id AS complaint_id, s.opened_at AS opened_at, o.epoch AS epoch, o.mark AS mark
FROM
(
    SELECT tenant, customer_id, issue, complaint_id, opened_at, version
    FROM rapport_store.complaint_subjects FINAL
    PREWHERE (tenant, complaint_id) IN (SELECT tenant, key FROM wanted)
    WHERE live
) AS s
INNER JOIN
(
    SELECT tenant, complaint_id, customer_id, issue, epoch, mark, version
    FROM rapport_store.complaint_outcomes FINAL
    PREWHERE (tenant, complaint_id) IN (SELECT tenant, key FROM wanted)
) AS o ON s.tenant = o.tenant AND s.complaint_id = o.complaint_id
WHERE s.version < o.version AND (s.customer_id != o.customer_id OR s.issue != o.issue)
