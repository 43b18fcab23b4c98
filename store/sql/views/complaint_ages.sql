-- Ages are of now; the tenant says where they are parted.
CREATE OR REPLACE VIEW rapport.complaint_ages
(
    tenant     LowCardinality(String) COMMENT 'Tenant',
    age_bucket String                 COMMENT 'Ages in days, as 3-7 or 30+: the first is in it, the last is not',
    from_days  UInt32                 COMMENT 'Age from which it runs',
    to_days    Nullable(UInt32)       COMMENT 'Age up to which, itself not in it; NULL for the last',
    n          UInt64                 COMMENT 'Complaints that are open now and of this age',
    major      UInt64                 COMMENT 'Of these of severity major'
)
AS SELECT
    tenant, multiIf(age_from IS NULL, '', age_to IS NULL, concat(toString(assumeNotNull(age_from)), '+'), concat(toString(assumeNotNull(age_from)), '-', toString(assumeNotNull(age_to)))) AS age_bucket, assumeNotNull(age_from) AS from_days, age_to AS to_days, n, major
FROM
(
    SELECT tenant, age_from, age_to, count() AS n, countIf(severity = 'major') AS major
    FROM rapport_store.complaints_now
    WHERE age_from IS NOT NULL
    GROUP BY tenant, age_from, age_to
)
COMMENT 'Open complaints by age, now; ages without a complaint have no row.';
