-- When the wanted cases were reopened. What changes between versions of a row is asked for after FINAL.
SELECT tenant, case_id, occurred_at
FROM rapport_store.milestones_by_case FINAL
PREWHERE (tenant, case_id) IN (SELECT tenant, key FROM wanted)
WHERE milestone = 'reopened' AND NOT retracted AND NOT superseded
