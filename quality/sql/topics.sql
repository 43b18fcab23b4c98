SELECT
    toString(topic) AS topic, received, accepted, rejected, late, unexplained, stored, duplicates, revisions, conflicts, settled, gaps, pending, ahead,
    lateness_p50_seconds, lateness_p90_seconds, lateness_p99_seconds, audit_mismatch
FROM rapport.data_quality
