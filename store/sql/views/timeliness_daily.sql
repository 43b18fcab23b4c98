-- Quantiles are exact ones of sorted values, so they do not depend on order. A case is booked by its day of requested, whenever it went on.
CREATE OR REPLACE VIEW rapport.timeliness_daily
(
    tenant               LowCardinality(String) COMMENT 'Tenant',
    day                  Date32                 COMMENT 'Day in the time zone of the tenant, UTC where it has none',
    region               LowCardinality(String) COMMENT 'Attribute region, as of the request; empty where not stated',
    org_unit             LowCardinality(String) COMMENT 'Attribute org_unit, as of the request; empty where not stated',
    product              LowCardinality(String) COMMENT 'Attribute product, as of the request; empty where not stated',
    service              LowCardinality(String) COMMENT 'Attribute service, as of the request; empty where not stated',
    channel              LowCardinality(String) COMMENT 'Attribute channel, as of the request; empty where not stated',
    segment              LowCardinality(String) COMMENT 'Attribute segment, as of the request; empty where not stated',
    agent                LowCardinality(String) COMMENT 'Attribute agent, as of the request; empty where not stated',
    milestone            LowCardinality(String) COMMENT 'acknowledged, responded, dispatched, arrived, parts_ordered, parts_arrived, resolved, closed, or first_response: the first of acknowledged and responded',
    cases                UInt64                 COMMENT 'Cases that reached it or for which it is due',
    reached              UInt64                 COMMENT 'Of these reached',
    on_time              UInt64                 COMMENT 'Reached at or before its due time',
    late                 UInt64                 COMMENT 'Reached after its due time',
    overdue              UInt64                 COMMENT 'Not reached, and its due time is over now',
    on_time_rate         Nullable(Float64)      COMMENT '% = 100 * on_time / (on_time + late + overdue); NULL where nothing was due',
    n                    UInt64                 COMMENT 'Cases with a time from requested: what mean and quantiles rest on',
    seconds_sum          Float64                COMMENT 'Sum of these times, seconds',
    mean_seconds         Nullable(Float64)      COMMENT 'Mean time from requested, seconds = seconds_sum / n; NULL where n is 0',
    p50                  Nullable(Float64)      COMMENT '50 % took at most this, seconds; exact, between two by linear interpolation; NULL where n is 0',
    p90                  Nullable(Float64)      COMMENT '90 % took at most this, seconds; exact, between two by linear interpolation; NULL where n is 0',
    p95                  Nullable(Float64)      COMMENT '95 % took at most this, seconds; exact, between two by linear interpolation; NULL where n is 0',
    p99                  Nullable(Float64)      COMMENT '99 % took at most this, seconds; exact, between two by linear interpolation; NULL where n is 0',
    working_n            UInt64                 COMMENT 'Cases with a working time from requested',
    working_seconds_sum  Float64                COMMENT 'Sum of these, seconds',
    working_mean_seconds Nullable(Float64)      COMMENT 'Mean working time, seconds = working_seconds_sum / working_n; NULL where working_n is 0',
    working_p50          Nullable(Float64)      COMMENT '50 % took at most this working time, seconds; NULL where working_n is 0',
    working_p90          Nullable(Float64)      COMMENT '90 % took at most this working time, seconds; NULL where working_n is 0',
    working_p95          Nullable(Float64)      COMMENT '95 % took at most this working time, seconds; NULL where working_n is 0',
    working_p99          Nullable(Float64)      COMMENT '99 % took at most this working time, seconds; NULL where working_n is 0'
)
AS SELECT
    tenant, day, region, org_unit, product, service, channel, segment, agent, milestone, cases, reached, on_time, late, overdue,
    if((on_time + late + overdue) = 0, NULL, 100 * on_time / (on_time + late + overdue)) AS on_time_rate,
    n, micros_sum / 1e6 AS seconds_sum, if(n = 0, NULL, micros_sum / n / 1e6) AS mean_seconds,
    p50, p90, p95, p99,
    working_n, working_micros_sum / 1e6 AS working_seconds_sum, if(working_n = 0, NULL, working_micros_sum / working_n / 1e6) AS working_mean_seconds,
    working_p50, working_p90, working_p95, working_p99
FROM
(
    SELECT
        tenant, day, region, org_unit, product, service, channel, segment, agent, milestone,
        count() AS cases,
        countIf(reached_at IS NOT NULL OR milestone = 'first_response') AS reached,
        countIf(ifNull(reached_at <= due_at, false)) AS on_time,
        countIf(ifNull(reached_at > due_at, false)) AS late,
        countIf(reached_at IS NULL AND ifNull(due_at < now64(6, 'UTC'), false)) AS overdue,
        count(micros) AS n,
        sum(ifNull(micros, 0)) AS micros_sum,
        quantileExactInclusive(0.50)(micros) / 1e6 AS p50,
        quantileExactInclusive(0.90)(micros) / 1e6 AS p90,
        quantileExactInclusive(0.95)(micros) / 1e6 AS p95,
        quantileExactInclusive(0.99)(micros) / 1e6 AS p99,
        count(working_micros) AS working_n,
        sum(ifNull(working_micros, 0)) AS working_micros_sum,
        quantileExactInclusive(0.50)(working_micros) / 1e6 AS working_p50,
        quantileExactInclusive(0.90)(working_micros) / 1e6 AS working_p90,
        quantileExactInclusive(0.95)(working_micros) / 1e6 AS working_p95,
        quantileExactInclusive(0.99)(working_micros) / 1e6 AS working_p99
    FROM rapport_store.case_milestones
    GROUP BY tenant, day, region, org_unit, product, service, channel, segment, agent, milestone
)
COMMENT 'Timeliness of cases per tenant, day of requested, attributes and milestone; counts and sums can be added up, rates, means and quantiles cannot.';
