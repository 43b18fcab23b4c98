-- Quantiles are exact ones of sorted values, so they do not depend on order. A complaint is booked by its day of opened, whenever it went on.
-- Attributes beyond the tenant's cap are shown as other; while no tenant is over with one, its first condition is a constant and nothing is looked up.
CREATE OR REPLACE VIEW rapport.complaints_daily
(
    tenant                      LowCardinality(String) COMMENT 'Tenant',
    day                         Date32                 COMMENT 'Day in the time zone of the tenant, UTC where it has none',
    region                      LowCardinality(String) COMMENT 'Attribute region, as of its opening; empty where not stated',
    org_unit                    LowCardinality(String) COMMENT 'Attribute org_unit, as of its opening; empty where not stated',
    product                     LowCardinality(String) COMMENT 'Attribute product, as of its opening; empty where not stated',
    service                     LowCardinality(String) COMMENT 'Attribute service, as of its opening; empty where not stated',
    channel                     LowCardinality(String) COMMENT 'Attribute channel, as of its opening; empty where not stated',
    segment                     LowCardinality(String) COMMENT 'Attribute segment, as of its opening; empty where not stated',
    agent                       LowCardinality(String) COMMENT 'Attribute agent, as of its opening; empty where not stated',
    severity                    LowCardinality(String) COMMENT 'general or major; empty where not stated',
    category                    LowCardinality(String) COMMENT 'Category; empty where not stated',
    reason                      LowCardinality(String) COMMENT 'Reason; empty where not stated',
    n                           UInt64                 COMMENT 'Complaints opened',
    opened                      UInt64                 COMMENT 'Complaints opened = n',
    major                       UInt64                 COMMENT 'Of these of severity major',
    repeats                     UInt64                 COMMENT 'Of these on an issue that the customer had complained of in the 30 days before',
    resolved                    UInt64                 COMMENT 'Of these resolved at some time',
    reopened                    UInt64                 COMMENT 'Of these resolved and then reopened',
    timely_n                    UInt64                 COMMENT 'Complaints on which the source has a verdict',
    timely_yes                  UInt64                 COMMENT 'Of these timely',
    on_time                     UInt64                 COMMENT 'Phases reached at or before their due time',
    late                        UInt64                 COMMENT 'Phases reached after their due time',
    overdue                     UInt64                 COMMENT 'Phases not reached whose due time is over now',
    handling_n                  UInt64                 COMMENT 'Complaints whose handling the customer has judged',
    handling_score_sum          Int64                  COMMENT 'Sum of the scores of their handling, -5 to 2 each',
    major_share                 Nullable(Float64)      COMMENT '% = 100 * major / opened',
    complaint_timely_rate       Nullable(Float64)      COMMENT '% = 100 * timely_yes / timely_n; NULL where timely_n is 0',
    complaint_on_time_rate      Nullable(Float64)      COMMENT '% = 100 * on_time / (on_time + late + overdue); NULL where nothing was due',
    repeat_complaint_rate       Nullable(Float64)      COMMENT '% = 100 * repeats / opened',
    complaint_reopen_rate       Nullable(Float64)      COMMENT '% = 100 * reopened / resolved; NULL where resolved is 0',
    response_n                  UInt64                 COMMENT 'Complaints with a first response',
    first_response_mean_seconds Nullable(Float64)      COMMENT 'Mean time from opened to it, seconds; NULL where response_n is 0',
    resolution_n                UInt64                 COMMENT 'Complaints that are resolved now',
    resolution_mean_seconds     Nullable(Float64)      COMMENT 'Mean time from opened to it, seconds; NULL where resolution_n is 0',
    first_response_p50          Nullable(Float64)      COMMENT 'Half had a first response within this, seconds; exact, between two by linear interpolation; NULL where response_n is 0',
    first_response_p90          Nullable(Float64)      COMMENT '90 % had one within this, seconds',
    p50                         Nullable(Float64)      COMMENT 'Half were resolved within this, seconds; exact, between two by linear interpolation; NULL where resolution_n is 0',
    p90                         Nullable(Float64)      COMMENT '90 % were resolved within this, seconds'
)
AS SELECT
    tenant, assumeNotNull(opened_day) AS day, region, org_unit, product, service, channel, segment, agent, severity, category, reason, opened AS n, opened, major, repeats, resolved, reopened, timely_n, timely_yes, on_time, late, overdue, handling_n, handling_score_sum,
    if(opened = 0, NULL, 100 * major / opened) AS major_share,
    if(timely_n = 0, NULL, 100 * timely_yes / timely_n) AS complaint_timely_rate,
    if((on_time + late + overdue) = 0, NULL, 100 * on_time / (on_time + late + overdue)) AS complaint_on_time_rate,
    if(opened = 0, NULL, 100 * repeats / opened) AS repeat_complaint_rate,
    if(resolved = 0, NULL, 100 * reopened / resolved) AS complaint_reopen_rate,
    response_n, if(response_n = 0, NULL, response_sum / response_n / 1e6) AS first_response_mean_seconds,
    resolution_n, if(resolution_n = 0, NULL, resolution_sum / resolution_n / 1e6) AS resolution_mean_seconds,
    first_response_p50, first_response_p90, p50, p90
FROM
(
    WITH
        arrayCount((m, d) -> has(`reached.name`, m) AND `reached.at`[indexOf(`reached.name`, m)] <= d, `due.name`, `due.at`) AS in_time,
        arrayCount((m, d) -> has(`reached.name`, m) AND `reached.at`[indexOf(`reached.name`, m)] > d, `due.name`, `due.at`) AS too_late,
        arrayCount((m, d) -> NOT has(`reached.name`, m) AND d < now64(6, 'UTC'), `due.name`, `due.at`) AS too_late_now
    SELECT
        tenant, day AS opened_day,
        if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'region') = 0, region, if(tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'region') AND region != '' AND (tenant, region) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'region'), 'other', region)) AS region,
        if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'org_unit') = 0, org_unit, if(tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'org_unit') AND org_unit != '' AND (tenant, org_unit) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'org_unit'), 'other', org_unit)) AS org_unit,
        if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'product') = 0, product, if(tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'product') AND product != '' AND (tenant, product) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'product'), 'other', product)) AS product,
        if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'service') = 0, service, if(tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'service') AND service != '' AND (tenant, service) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'service'), 'other', service)) AS service,
        if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'channel') = 0, channel, if(tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'channel') AND channel != '' AND (tenant, channel) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'channel'), 'other', channel)) AS channel,
        if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'segment') = 0, segment, if(tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'segment') AND segment != '' AND (tenant, segment) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'segment'), 'other', segment)) AS segment,
        if((SELECT count() FROM rapport_store.attributes_over WHERE cut = 'agent') = 0, agent, if(tenant IN (SELECT tenant FROM rapport_store.attributes_over WHERE cut = 'agent') AND agent != '' AND (tenant, agent) NOT IN (SELECT tenant, value FROM rapport_store.attributes_shown WHERE cut = 'agent'), 'other', agent)) AS agent, severity, category, reason,
        count() AS opened,
        countIf(severity = 'major') AS major,
        countIf(repeat) AS repeats,
        countIf(was_resolved) AS resolved,
        countIf(was_reopened) AS reopened,
        count(timely) AS timely_n,
        countIf(timely = true) AS timely_yes,
        sum(in_time) AS on_time,
        sum(too_late) AS late,
        sum(too_late_now) AS overdue,
        count(handling_score) AS handling_n,
        sum(toInt64(ifNull(handling_score, 0))) AS handling_score_sum,
        count(response_micros) AS response_n,
        sum(ifNull(response_micros, 0)) AS response_sum,
        count(resolution_micros) AS resolution_n,
        sum(ifNull(resolution_micros, 0)) AS resolution_sum,
        quantileExactInclusive(0.50)(response_micros) / 1e6 AS first_response_p50,
        quantileExactInclusive(0.90)(response_micros) / 1e6 AS first_response_p90,
        quantileExactInclusive(0.50)(resolution_micros) / 1e6 AS p50,
        quantileExactInclusive(0.90)(resolution_micros) / 1e6 AS p90
    FROM rapport_store.complaints_now
    WHERE day IS NOT NULL
    GROUP BY tenant, day, region, org_unit, product, service, channel, segment, agent, severity, category, reason
)
COMMENT 'Complaints per tenant, day of opened, attributes, severity, category and reason; counts and sums can be added up, rates, means and quantiles cannot.';
