-- Live subjects of the wanted complaints.
SELECT tenant, customer_id, issue, complaint_id, opened_at, live
FROM rapport_store.complaint_subjects FINAL
PREWHERE (tenant, complaint_id) IN (SELECT tenant, key FROM wanted)
WHERE live
