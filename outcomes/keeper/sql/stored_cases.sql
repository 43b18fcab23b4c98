-- Stored outcomes of the wanted cases.
SELECT * EXCEPT (epoch, mark) FROM rapport_store.case_outcomes FINAL PREWHERE (tenant, case_id) IN (SELECT tenant, key FROM wanted)
