-- One scan per kind of fact; refused records are shown under whatever tenant and source could be read in them.
-- identities knows no sources: the few ids with more than one delivery of their own are looked up there and met with their fact. So duplicates are
-- exact, as a difference of sets: accepted offsets less distinct contents.
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
    newest    Nullable(DateTime64(6, 'UTC')) COMMENT 'Newest time of an event that holds, UTC; NULL where there is none',
    received  UInt64                         COMMENT 'Records = accepted + rejected + late',
    accepted  UInt64                         COMMENT 'Of these stored as facts',
    duplicates Int64                         COMMENT 'Accepted deliveries whose revision and content were there before = accepted - stored - retracted - revisions - conflicts - what was erased; below 0 where events were stored before rapport counted by source',
    revisions UInt64                         COMMENT 'Revisions beyond the first one of an id',
    conflicts UInt64                         COMMENT 'Contents beyond the first one of an id and revision: one of them holds, the same in whatever order they came',
    settled   UInt64                         COMMENT 'Keys of ids that came under more than one hour, chain, case or complaint, which the sweeper had to set aside',
    unknown_fields UInt64                    COMMENT 'Accepted records with fields that the contract does not know: often a misspelling',
    ahead     UInt64                         COMMENT 'Accepted records whose event is not before their append: a clock that is ahead, or records that carry the time of the event',
    lateness_p50_seconds Nullable(Float64)   COMMENT 'Half of the accepted records were appended within so many seconds of their event: the upper bound of a class, or the largest there is; NULL where none were',
    lateness_p90_seconds Nullable(Float64)   COMMENT 'The same for 90 of 100',
    lateness_p99_seconds Nullable(Float64)   COMMENT 'The same for 99 of 100',
    lateness_max_seconds Nullable(Float64)   COMMENT 'The longest time from an event to its append, to the microsecond; 0 where all are ahead'
)
AS WITH more AS
(
    SELECT tenant, type, identity, toUInt64(uniqExact(revision) - 1) AS revisions, toUInt64(uniqExact(revision, payload) - uniqExact(revision)) AS conflicts
    FROM rapport_store.identities
    GROUP BY tenant, type, identity
    HAVING revisions + conflicts > 0
)
SELECT
    tenant, source, type,
    sumIf(n, what = 'stored') AS stored,
    sumIf(n, what = 'retracted') AS retracted,
    sumIf(n, what = 'revised') AS revised,
    sumIf(n, what = 'invalid') AS invalid,
    sumIf(n, what = 'late') AS late,
    sumIf(n, what = 'rejected') AS rejected,
    max(time) AS newest,
    accepted + rejected + late AS received,
    sumIf(n, what = 'accepted') AS accepted,
    toInt64(accepted) - toInt64(stored + retracted + revisions + conflicts + sumIf(n, what = 'erased')) AS duplicates,
    sumIf(n, what = 'revisions') AS revisions,
    sumIf(n, what = 'conflicts') AS conflicts,
    sumIf(n, what = 'settled') AS settled,
    sumIf(n, what = 'strange') AS unknown_fields,
    sumIf(n, what = 'ahead') AS ahead,
    maxOrNullIf(n, what = 'p50') / 1e6 AS lateness_p50_seconds,
    maxOrNullIf(n, what = 'p90') / 1e6 AS lateness_p90_seconds,
    maxOrNullIf(n, what = 'p99') / 1e6 AS lateness_p99_seconds,
    maxOrNullIf(n, what = 'latest') / 1e6 AS lateness_max_seconds
FROM
(
    SELECT tenant, toString(source) AS source, 'rapport.survey.response.v1' AS type, count.1 AS what, count.2 AS n, time
    FROM
    (
        SELECT
            facts.tenant AS tenant, source, countIf(NOT retracted AND NOT superseded) AS holding, countIf(retracted AND NOT superseded) AS retracted_ids, countIf(revision > 0 AND NOT superseded) AS revised_ids,
            countIf(NOT retracted AND NOT superseded AND NOT valid) AS invalid_ids,
            sumIf(more.revisions, NOT superseded) AS more_revisions, sumIf(more.conflicts, NOT superseded) AS more_conflicts, countIf(superseded) AS settled_keys, maxOrNullIf(occurred_at, NOT retracted AND NOT superseded) AS time
        FROM rapport_store.survey_facts AS facts FINAL
        LEFT JOIN more ON more.tenant = facts.tenant AND more.type = 'rapport.survey.response.v1' AND more.identity = cityHash64(source, id)
        GROUP BY tenant, source
    )
    ARRAY JOIN [('stored', holding), ('retracted', retracted_ids), ('revised', revised_ids), ('invalid', invalid_ids), ('revisions', more_revisions), ('conflicts', more_conflicts), ('settled', settled_keys)] AS count
    UNION ALL
    SELECT tenant, toString(source), 'rapport.survey.invitation.v1', count.1, count.2, time
    FROM
    (
        SELECT
            facts.tenant AS tenant, source, countIf(NOT retracted AND NOT superseded) AS holding, countIf(retracted AND NOT superseded) AS retracted_ids, countIf(revision > 0 AND NOT superseded) AS revised_ids,
            sumIf(more.revisions, NOT superseded) AS more_revisions, sumIf(more.conflicts, NOT superseded) AS more_conflicts, countIf(superseded) AS settled_keys, maxOrNullIf(occurred_at, NOT retracted AND NOT superseded) AS time
        FROM rapport_store.invitation_facts AS facts FINAL
        LEFT JOIN more ON more.tenant = facts.tenant AND more.type = 'rapport.survey.invitation.v1' AND more.identity = cityHash64(source, id)
        GROUP BY tenant, source
    )
    ARRAY JOIN [('stored', holding), ('retracted', retracted_ids), ('revised', revised_ids), ('revisions', more_revisions), ('conflicts', more_conflicts), ('settled', settled_keys)] AS count
    UNION ALL
    SELECT tenant, toString(source), 'rapport.contact.v1', count.1, count.2, time
    FROM
    (
        SELECT
            facts.tenant AS tenant, source, countIf(NOT retracted AND NOT superseded) AS holding, countIf(retracted AND NOT superseded) AS retracted_ids, countIf(revision > 0 AND NOT superseded) AS revised_ids,
            sumIf(more.revisions, NOT superseded) AS more_revisions, sumIf(more.conflicts, NOT superseded) AS more_conflicts, countIf(superseded) AS settled_keys, maxOrNullIf(occurred_at, NOT retracted AND NOT superseded) AS time
        FROM rapport_store.contact_facts AS facts FINAL
        LEFT JOIN more ON more.tenant = facts.tenant AND more.type = 'rapport.contact.v1' AND more.identity = cityHash64(source, id)
        GROUP BY tenant, source
    )
    ARRAY JOIN [('stored', holding), ('retracted', retracted_ids), ('revised', revised_ids), ('revisions', more_revisions), ('conflicts', more_conflicts), ('settled', settled_keys)] AS count
    UNION ALL
    SELECT tenant, toString(source), 'rapport.milestone.v1', count.1, count.2, time
    FROM
    (
        SELECT
            facts.tenant AS tenant, source, countIf(NOT retracted AND NOT superseded) AS holding, countIf(retracted AND NOT superseded) AS retracted_ids, countIf(revision > 0 AND NOT superseded) AS revised_ids,
            sumIf(more.revisions, NOT superseded) AS more_revisions, sumIf(more.conflicts, NOT superseded) AS more_conflicts, countIf(superseded) AS settled_keys, maxOrNullIf(occurred_at, NOT retracted AND NOT superseded) AS time
        FROM rapport_store.milestone_facts AS facts FINAL
        LEFT JOIN more ON more.tenant = facts.tenant AND more.type = 'rapport.milestone.v1' AND more.identity = cityHash64(source, id)
        GROUP BY tenant, source
    )
    ARRAY JOIN [('stored', holding), ('retracted', retracted_ids), ('revised', revised_ids), ('revisions', more_revisions), ('conflicts', more_conflicts), ('settled', settled_keys)] AS count
    UNION ALL
    SELECT tenant, toString(source), 'rapport.complaint.v1', count.1, count.2, time
    FROM
    (
        SELECT
            facts.tenant AS tenant, source, countIf(NOT retracted AND NOT superseded) AS holding, countIf(retracted AND NOT superseded) AS retracted_ids, countIf(revision > 0 AND NOT superseded) AS revised_ids,
            sumIf(more.revisions, NOT superseded) AS more_revisions, sumIf(more.conflicts, NOT superseded) AS more_conflicts, countIf(superseded) AS settled_keys, maxOrNullIf(occurred_at, NOT retracted AND NOT superseded) AS time
        FROM rapport_store.complaint_facts AS facts FINAL
        LEFT JOIN more ON more.tenant = facts.tenant AND more.type = 'rapport.complaint.v1' AND more.identity = cityHash64(source, id)
        GROUP BY tenant, source
    )
    ARRAY JOIN [('stored', holding), ('retracted', retracted_ids), ('revised', revised_ids), ('revisions', more_revisions), ('conflicts', more_conflicts), ('settled', settled_keys)] AS count
    UNION ALL
    SELECT tenant, toString(source), toString(type), 'late', uniqExact(topic, partition, offset), NULL FROM rapport_store.late_facts WHERE (topic, partition, offset) NOT IN (SELECT topic, partition, offset FROM rapport_store.record_states WHERE state = 'accepted') GROUP BY tenant, source, type
    UNION ALL
    SELECT tenant, source, type, 'rejected', uniqExact(topic, partition, offset), NULL FROM rapport_store.dead_letters WHERE (topic, partition, offset) NOT IN (SELECT topic, partition, offset FROM rapport_store.record_states WHERE state = 'accepted') GROUP BY tenant, source, type
    UNION ALL
    SELECT tenant, toString(source), toString(type), 'erased', toUInt64(sum(content)), NULL
    FROM
    (
        SELECT tenant, source, type, max(contents) AS content
        FROM rapport_store.erased_events
        WHERE source != '' AND erasure NOT IN (SELECT id FROM rapport_store.erasures FINAL WHERE state = 'seeking')
        GROUP BY tenant, source, type, event
    )
    GROUP BY tenant, source, type
    UNION ALL
    SELECT tenant, toString(source), toString(type), count.1, count.2, NULL
    FROM
    (
        SELECT
            tenant, source, type, toUInt64(greatest(max(latest), 0)) AS longest, arraySort(groupArray((within, n))) AS classes, arrayCumSum(c -> c.2, classes) AS up_to,
            sumIf(n, within = 0) AS ahead_n, sum(strange_n) AS strange_total,
            arrayMap(share -> least(toUInt64(classes[arrayFirstIndex(c -> c >= share * up_to[-1], up_to)].1) * 1000000, longest), [0.5, 0.9, 0.99]) AS quantiles
        FROM
        (
            SELECT tenant, source, type, within, sum(bitmapCardinality(records)) AS n, sum(bitmapCardinality(strange)) AS strange_n, max(latest) AS latest
            FROM rapport_store.deliveries FINAL
            GROUP BY tenant, source, type, within
        )
        GROUP BY tenant, source, type
    )
    ARRAY JOIN [('accepted', up_to[-1]), ('strange', strange_total), ('ahead', ahead_n), ('p50', quantiles[1]), ('p90', quantiles[2]), ('p99', quantiles[3]), ('latest', longest)] AS count
)
GROUP BY tenant, source, type
COMMENT 'What became of every record, and how late they were, by tenant, publishing app and event type.';
