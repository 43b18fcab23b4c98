-- Complaints of the wanted subjects with the time of their opening: of those within 30 days after another one, whether they repeat may change.
SELECT tenant, customer_id, issue, opened_at
FROM rapport_store.complaint_subjects FINAL
WHERE (tenant, customer_id, issue) IN (SELECT tenant, customer_id, issue FROM wanted_subjects) AND live
