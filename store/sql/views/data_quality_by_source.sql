-- One scan per kind of fact; refused records are shown under whatever tenant and source could be read in them.
CREATE OR REPLACE VIEW rapport.data_quality_by_source
(
    tenant    LowCardinality(String)         COMMENT 'Tenant',
    source    String                         COMMENT 'Publishing app; empty where it could not be read',
    type      String                         COMMENT 'CloudEvents type; empty where it could not be read',
    stored    UInt64                         COMMENT 'Ids that hold',
    retracted UInt64                         COMMENT 'Ids that were taken back',
    revised   UInt64                         COMMENT 'Ids whose revision is above 0',
    invalid   UInt64                         COMMENT 'Responses that hold and miss the validity rule of their questionnaire',
    late      UInt64                         COMMENT 'Events from before the seal horizon',
    rejected  UInt64                         COMMENT 'Refused records',
    newest    Nullable(DateTime64(6, 'UTC')) COMMENT 'Newest time of an event that holds, UTC; NULL where there is none'
)
AS SELECT
    tenant, source, type,
    sumIf(n, what = 'stored') AS stored,
    sumIf(n, what = 'retracted') AS retracted,
    sumIf(n, what = 'revised') AS revised,
    sumIf(n, what = 'invalid') AS invalid,
    sumIf(n, what = 'late') AS late,
    sumIf(n, what = 'rejected') AS rejected,
    max(time) AS newest
FROM
(
    SELECT tenant, toString(source) AS source, 'rapport.survey.response.v1' AS type, count.1 AS what, count.2 AS n, time
    FROM
    (
        SELECT
            tenant, source, countIf(NOT retracted) AS holding, countIf(retracted) AS retracted_ids, countIf(revision > 0) AS revised_ids,
            countIf(NOT retracted AND NOT valid) AS invalid_ids, maxOrNullIf(occurred_at, NOT retracted) AS time
        FROM rapport_store.survey_facts FINAL
        WHERE NOT superseded
        GROUP BY tenant, source
    )
    ARRAY JOIN [('stored', holding), ('retracted', retracted_ids), ('revised', revised_ids), ('invalid', invalid_ids)] AS count
    UNION ALL
    SELECT tenant, toString(source), 'rapport.survey.invitation.v1', count.1, count.2, time
    FROM
    (
        SELECT
            tenant, source, countIf(NOT retracted) AS holding, countIf(retracted) AS retracted_ids, countIf(revision > 0) AS revised_ids,
            maxOrNullIf(occurred_at, NOT retracted) AS time
        FROM rapport_store.invitation_facts FINAL
        WHERE NOT superseded
        GROUP BY tenant, source
    )
    ARRAY JOIN [('stored', holding), ('retracted', retracted_ids), ('revised', revised_ids)] AS count
    UNION ALL
    SELECT tenant, toString(source), 'rapport.contact.v1', count.1, count.2, time
    FROM
    (
        SELECT
            tenant, source, countIf(NOT retracted) AS holding, countIf(retracted) AS retracted_ids, countIf(revision > 0) AS revised_ids,
            maxOrNullIf(occurred_at, NOT retracted) AS time
        FROM rapport_store.contact_facts FINAL
        WHERE NOT superseded
        GROUP BY tenant, source
    )
    ARRAY JOIN [('stored', holding), ('retracted', retracted_ids), ('revised', revised_ids)] AS count
    UNION ALL
    SELECT tenant, toString(source), 'rapport.milestone.v1', count.1, count.2, time
    FROM
    (
        SELECT
            tenant, source, countIf(NOT retracted) AS holding, countIf(retracted) AS retracted_ids, countIf(revision > 0) AS revised_ids,
            maxOrNullIf(occurred_at, NOT retracted) AS time
        FROM rapport_store.milestone_facts FINAL
        WHERE NOT superseded
        GROUP BY tenant, source
    )
    ARRAY JOIN [('stored', holding), ('retracted', retracted_ids), ('revised', revised_ids)] AS count
    UNION ALL
    SELECT tenant, toString(source), 'rapport.complaint.v1', count.1, count.2, time
    FROM
    (
        SELECT
            tenant, source, countIf(NOT retracted) AS holding, countIf(retracted) AS retracted_ids, countIf(revision > 0) AS revised_ids,
            maxOrNullIf(occurred_at, NOT retracted) AS time
        FROM rapport_store.complaint_facts FINAL
        WHERE NOT superseded
        GROUP BY tenant, source
    )
    ARRAY JOIN [('stored', holding), ('retracted', retracted_ids), ('revised', revised_ids)] AS count
    UNION ALL
    SELECT tenant, toString(source), toString(type), 'late', uniqExact(topic, partition, offset), NULL FROM rapport_store.late_facts WHERE (topic, partition, offset) NOT IN (SELECT topic, partition, offset FROM rapport_store.record_states WHERE state = 'accepted') GROUP BY tenant, source, type
    UNION ALL
    SELECT tenant, source, type, 'rejected', uniqExact(topic, partition, offset), NULL FROM rapport_store.dead_letters WHERE (topic, partition, offset) NOT IN (SELECT topic, partition, offset FROM rapport_store.record_states WHERE state = 'accepted') GROUP BY tenant, source, type
)
GROUP BY tenant, source, type
COMMENT 'What is stored, set aside and refused, by tenant, publishing app and event type.';
