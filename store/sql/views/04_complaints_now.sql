-- Complaints that hold with what several views ask of them: the day of opened, whether they repeat another one of the 30 days before, how old the open ones are
-- now, and in which of the ages of their tenant that lies.
CREATE OR REPLACE VIEW rapport_store.complaints_now
(
    tenant                    LowCardinality(String)         COMMENT 'Tenant',
    day                       Nullable(Date32)               COMMENT 'Day of opened in the time zone of the tenant; NULL where that is not known',
    complaint_id              String                         COMMENT 'Complaint',
    region                    LowCardinality(String)         COMMENT 'Attribute region, as of its opening; empty where not stated',
    org_unit                  LowCardinality(String)         COMMENT 'Attribute org_unit, as of its opening; empty where not stated',
    product                   LowCardinality(String)         COMMENT 'Attribute product, as of its opening; empty where not stated',
    service                   LowCardinality(String)         COMMENT 'Attribute service, as of its opening; empty where not stated',
    channel                   LowCardinality(String)         COMMENT 'Attribute channel, as of its opening; empty where not stated',
    segment                   LowCardinality(String)         COMMENT 'Attribute segment, as of its opening; empty where not stated',
    agent                     LowCardinality(String)         COMMENT 'Attribute agent, as of its opening; empty where not stated',
    labels                    Map(String, String)            COMMENT 'Free pairs',
    customer_id               String                         COMMENT 'Customer; empty where not known',
    case_id                   String                         COMMENT 'Case; empty where not known',
    issue                     LowCardinality(String)         COMMENT 'Issue; empty where not stated',
    severity                  LowCardinality(String)         COMMENT 'general or major; empty where not stated',
    category                  LowCardinality(String)         COMMENT 'Category; empty where not stated',
    reason                    LowCardinality(String)         COMMENT 'Reason; empty where not stated',
    dimension                 LowCardinality(String)         COMMENT 'Dimension of service; empty where not stated',
    timely                    Nullable(Bool)                 COMMENT 'Verdict of the source',
    handling                  LowCardinality(String)         COMMENT 'How the customer found the handling',
    handling_score            Nullable(Int8)                 COMMENT 'Its score',
    repeat                    Bool                           COMMENT 'Repeats another one',
    was_resolved              Bool                           COMMENT 'Resolved at some time',
    was_reopened              Bool                           COMMENT 'Resolved and then reopened',
    opened_at                 Nullable(DateTime64(6, 'UTC')) COMMENT 'When it was opened',
    `reached.name`            Array(LowCardinality(String))  COMMENT 'Phases reached',
    `reached.at`              Array(DateTime64(6, 'UTC'))    COMMENT 'When',
    `due.name`                Array(LowCardinality(String))  COMMENT 'Phases due',
    `due.at`                  Array(DateTime64(6, 'UTC'))    COMMENT 'When',
    response_micros           Nullable(Int64)                COMMENT 'Time to the first response, microseconds',
    response_working_micros   Nullable(Int64)                COMMENT 'The same by the calendar',
    resolution_micros         Nullable(Int64)                COMMENT 'Time to the resolution, microseconds',
    resolution_working_micros Nullable(Int64)                COMMENT 'The same by the calendar',
    age_days                  Nullable(UInt32)               COMMENT 'Whole days since opened, of open ones',
    age_from                  Nullable(UInt32)               COMMENT 'Age from which its part of the ages runs',
    age_to                    Nullable(UInt32)               COMMENT 'Age up to which; NULL for the last'
)
AS WITH
    if(notEmpty(settings.complaint_age_days), settings.complaint_age_days, CAST([3, 7, 30], 'Array(UInt16)')) AS ages,
    opened_at IS NOT NULL AND NOT has(`reached.name`, 'resolved') AND NOT has(`reached.name`, 'closed') AS open,
    arrayFirstIndex(a -> a > assumeNotNull(age_days), ages) AS above
SELECT
    complaints.tenant AS tenant,
    if(opened_at IS NULL, NULL, toDate32(toString(toDateTime(assumeNotNull(opened_at), 'UTC'), if(settings.time_zone = '', 'UTC', settings.time_zone)))) AS day,
    complaint_id, region, org_unit, product, service, channel, segment, agent, labels, customer_id, case_id, issue, severity, category, reason, dimension, timely, handling,
    if(handling = '', NULL, toInt8(transform(handling, ['unhandled', 'dissatisfied', 'not_very_satisfied', 'mostly_satisfied', 'satisfied', 'very_satisfied'], [-5, -5, -3, -1, 0, 2], 0))) AS handling_score,
    (complaints.tenant, complaint_id) IN (
    SELECT tenant, complaint_id
    FROM
    (
        SELECT
            tenant, complaint_id, toUnixTimestamp64Micro(opened_at) AS opened,
            lagInFrame(opened, 1, -2592000000001) OVER (PARTITION BY tenant, customer_id, issue ORDER BY opened, complaint_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS previous
        FROM rapport_store.complaint_subjects FINAL
        WHERE live
    )
    WHERE opened - previous <= 2592000000000
) AS repeat,
    was_resolved, was_reopened, opened_at, `reached.name`, `reached.at`, `due.name`, `due.at`,
    if(has(`duration.name`, 'first_response'), `duration.micros`[indexOf(`duration.name`, 'first_response')], NULL) AS response_micros,
    if(has(`duration.name`, 'first_response'), `duration.working_micros`[indexOf(`duration.name`, 'first_response')], NULL) AS response_working_micros,
    if(has(`duration.name`, 'resolution'), `duration.micros`[indexOf(`duration.name`, 'resolution')], NULL) AS resolution_micros,
    if(has(`duration.name`, 'resolution'), `duration.working_micros`[indexOf(`duration.name`, 'resolution')], NULL) AS resolution_working_micros,
    if(open, toUInt32(intDiv(greatest(toUnixTimestamp64Micro(now64(6, 'UTC')) - toUnixTimestamp64Micro(assumeNotNull(opened_at)), 0), 86400000000)), NULL) AS age_days,
    multiIf(NOT open, NULL, above = 1, toUInt32(0), above = 0, toUInt32(ages[-1]), toUInt32(ages[above - 1])) AS age_from,
    if(open AND above > 0, toUInt32(ages[above]), NULL) AS age_to
FROM rapport_store.complaint_outcomes AS complaints FINAL
LEFT JOIN (SELECT tenant, time_zone, complaint_age_days FROM rapport_store.tenants FINAL) AS settings ON settings.tenant = complaints.tenant
WHERE live
COMMENT 'Complaints as they are now: what the views of complaints read.';
