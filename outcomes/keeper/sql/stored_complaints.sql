-- Stored outcomes of the wanted complaints.
SELECT * EXCEPT (epoch, mark) FROM rapport_store.complaint_outcomes FINAL PREWHERE (tenant, complaint_id) IN (SELECT tenant, key FROM wanted)
