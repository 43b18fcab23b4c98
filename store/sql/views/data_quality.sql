-- Every count is of a set, so a redelivery to ClickHouse changes none: offsets by the union of their ranges, rows by their key. Deliveries are
-- counted as hashes of 64 bits: a set of them takes a sixth of the time and half of the memory that a GROUP BY of ids does.
-- The three topics of events have a row each, whether anything came or not; what strays onto other topics is no event.
CREATE OR REPLACE VIEW rapport.data_quality
(
    topic          LowCardinality(String)         COMMENT 'Topic of events',
    received       UInt64                         COMMENT 'Offsets that were read and judged',
    accepted       UInt64                         COMMENT 'Of these stored as facts',
    rejected       UInt64                         COMMENT 'Of these refused: distinct dead letters stored',
    late           UInt64                         COMMENT 'Of these from before the seal horizon: distinct late facts stored',
    unexplained    Int64                          COMMENT 'received - accepted - rejected - late: 0, but for dead letters that are still on their way',
    stored         UInt64                         COMMENT 'Distinct ids among the accepted',
    repeated       Int64                          COMMENT 'accepted - stored = duplicates + revisions + conflicts',
    duplicates     Int64                          COMMENT 'Accepted deliveries whose revision and content were there before: they change nothing',
    revisions      UInt64                         COMMENT 'Revisions beyond the first one of an id',
    conflicts      UInt64                         COMMENT 'Contents beyond the first one of an id and revision: one of them holds, the same in whatever order they came',
    settled        UInt64                         COMMENT 'Keys of ids that came under more than one hour, chain, case or complaint, which the sweeper had to set aside',
    gaps           UInt64                         COMMENT 'Offsets that were gone before they were read',
    pending        UInt64                         COMMENT 'Records appended and not yet processed, as of pending_as_of; all there are where the topic is not processed yet',
    pending_as_of  Nullable(DateTime64(3, 'UTC')) COMMENT 'When pending was last seen to change, UTC; NULL where it was never looked up',
    audit_mismatch UInt64                         COMMENT 'Days of all topics whose stored figures differed from their facts with nothing pending, the same on each row: must stay 0',
    ahead          UInt64                         COMMENT 'Accepted records whose event is not before their append: a producer whose clock is ahead, or whose records carry the time of the event',
    lateness_p50_seconds Nullable(Float64)        COMMENT 'Half of the accepted records were appended within so many seconds of their event: the upper bound of a class, or the largest there is; NULL where none were',
    lateness_p90_seconds Nullable(Float64)        COMMENT 'The same for 90 of 100',
    lateness_p99_seconds Nullable(Float64)        COMMENT 'The same for 99 of 100',
    lateness_max_seconds Nullable(Float64)        COMMENT 'The longest time from an event to its append, to the microsecond; 0 where all are ahead',
    erased         UInt64                         COMMENT 'Of the stored ids those of which a hash is left: erased'
)
AS SELECT
    topic,
    sumIf(n, what = 'received') AS received,
    sumIf(n, what = 'accepted') AS accepted,
    sumIf(n, what = 'rejected') AS rejected,
    sumIf(n, what = 'late') AS late,
    toInt64(received) - toInt64(accepted) - toInt64(rejected) - toInt64(late) AS unexplained,
    sumIf(n, what = 'ids') AS stored,
    toInt64(accepted) - toInt64(stored) AS repeated,
    toInt64(accepted) - toInt64(sumIf(n, what = 'contents')) AS duplicates,
    sumIf(n, what = 'revisions') - stored AS revisions,
    sumIf(n, what = 'contents') - sumIf(n, what = 'revisions') AS conflicts,
    sumIf(n, what = 'settled') AS settled,
    sumIf(n, what = 'gaps') AS gaps,
    sumIf(n, what = 'pending') AS pending,
    fromUnixTimestamp64Milli(minOrNullIf(toInt64(n), what = 'as_of'), 'UTC') AS pending_as_of,
    (SELECT uniqExact(tenant, day, rollup) FROM rapport_store.audit_mismatches) AS audit_mismatch,
    sumIf(n, what = 'ahead') AS ahead,
    maxOrNullIf(n, what = 'p50') / 1e6 AS lateness_p50_seconds,
    maxOrNullIf(n, what = 'p90') / 1e6 AS lateness_p90_seconds,
    maxOrNullIf(n, what = 'p99') / 1e6 AS lateness_p99_seconds,
    maxOrNullIf(n, what = 'latest') / 1e6 AS lateness_max_seconds,
    sumIf(n, what = 'erased') AS erased
FROM
(
    SELECT toString(topic) AS topic, count.1 AS what, count.2 AS n
    FROM
    (
        SELECT topic, intervalLengthSum(first, last + 1) AS received, intervalLengthSumIf(first, last + 1, verdict = 'accepted') AS accepted
        FROM rapport_store.consumed
        GROUP BY topic, partition
    )
    ARRAY JOIN [('received', toUInt64(received)), ('accepted', toUInt64(accepted))] AS count
    UNION ALL
    SELECT arrayJoin(['rapport.survey-responses', 'rapport.complaints', 'rapport.service-events']), 'received', toUInt64(0)
    UNION ALL
    SELECT toString(topic), 'rejected', uniqExact(partition, offset) FROM rapport_store.dead_letters WHERE (topic, partition, offset) NOT IN (SELECT topic, partition, offset FROM rapport_store.record_states WHERE state = 'accepted') GROUP BY topic
    UNION ALL
    SELECT toString(topic), 'late', uniqExact(partition, offset) FROM rapport_store.late_facts WHERE (topic, partition, offset) NOT IN (SELECT topic, partition, offset FROM rapport_store.record_states WHERE state = 'accepted') GROUP BY topic
    UNION ALL
    SELECT multiIf(type IN ('rapport.survey.response.v1', 'rapport.survey.invitation.v1'), 'rapport.survey-responses',
            type IN ('rapport.contact.v1', 'rapport.milestone.v1'), 'rapport.service-events', type = 'rapport.complaint.v1', 'rapport.complaints', toString(type)), count.1, count.2
    FROM
    (
        SELECT
            type,
            uniqExact(cityHash64(tenant, identity)) AS ids,
            uniqExact(cityHash64(tenant, identity, revision)) AS revisions,
            uniqExact(cityHash64(tenant, identity, revision, payload)) AS contents
        FROM rapport_store.identities
        GROUP BY type
    )
    ARRAY JOIN [('ids', ids), ('revisions', revisions), ('contents', contents)] AS count
    UNION ALL
    SELECT multiIf(type IN ('rapport.survey.response.v1', 'rapport.survey.invitation.v1'), 'rapport.survey-responses',
            type IN ('rapport.contact.v1', 'rapport.milestone.v1'), 'rapport.service-events', type = 'rapport.complaint.v1', 'rapport.complaints', toString(type)), count.1, count.2
    FROM
    (
        SELECT type, count() AS ids, toUInt64(sum(event.1)) AS revision, toUInt64(sum(event.2)) AS content
        FROM
        (
            SELECT type, argMax((revisions, contents), contents) AS event
            FROM rapport_store.erased_events
            WHERE contents > 0 AND erasure NOT IN (SELECT id FROM rapport_store.erasures FINAL WHERE state = 'seeking')
            GROUP BY tenant, erased_events.event, type
        )
        GROUP BY type
    )
    ARRAY JOIN [('ids', ids), ('erased', ids), ('revisions', revision), ('contents', content)] AS count
    UNION ALL
    SELECT 'rapport.survey-responses', 'settled', countIf(superseded) FROM rapport_store.survey_facts FINAL
    UNION ALL
    SELECT 'rapport.survey-responses', 'settled', countIf(superseded) FROM rapport_store.invitation_facts FINAL
    UNION ALL
    SELECT 'rapport.service-events', 'settled', countIf(superseded) FROM rapport_store.contact_facts FINAL
    UNION ALL
    SELECT 'rapport.service-events', 'settled', countIf(superseded) FROM rapport_store.milestone_facts FINAL
    UNION ALL
    SELECT 'rapport.complaints', 'settled', countIf(superseded) FROM rapport_store.complaint_facts FINAL
    UNION ALL
    SELECT toString(topic), 'gaps', toUInt64(intervalLengthSum(from, to)) FROM rapport_store.offset_gaps GROUP BY topic, partition
    UNION ALL
    SELECT toString(topic), count.1, count.2
    FROM rapport_store.progress FINAL
    ARRAY JOIN [('pending', toUInt64(greatest(end - committed, 0))), ('as_of', toUInt64(toUnixTimestamp64Milli(as_of)))] AS count
    UNION ALL
    SELECT topic, count.1, count.2
    FROM
    (
        SELECT
            topic, toUInt64(greatest(max(latest), 0)) AS longest, arraySort(groupArray((within, n))) AS classes,
            arrayCumSum(c -> c.2, classes) AS up_to, sumIf(n, within = 0) AS ahead_n,
            arrayMap(share -> least(toUInt64(classes[arrayFirstIndex(c -> c >= share * up_to[-1], up_to)].1) * 1000000, longest), [0.5, 0.9, 0.99]) AS quantiles
        FROM (SELECT toString(topic) AS topic, within, sum(bitmapCardinality(records)) AS n, max(latest) AS latest FROM rapport_store.deliveries FINAL GROUP BY topic, within)
        GROUP BY topic
    )
    ARRAY JOIN [('ahead', ahead_n), ('p50', quantiles[1]), ('p90', quantiles[2]), ('p99', quantiles[3]), ('latest', longest)] AS count
)
WHERE topic IN ('rapport.survey-responses', 'rapport.complaints', 'rapport.service-events')
GROUP BY topic
COMMENT 'What became of every record, by topic: received = accepted + rejected + late.';
