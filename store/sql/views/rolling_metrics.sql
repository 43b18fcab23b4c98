-- Cells of both lanes, each row whole. cut_value keeps the type it is stored in, as in the other views of cuts.
CREATE OR REPLACE VIEW rapport.rolling_metrics
(
    tenant LowCardinality(String) COMMENT 'Tenant',
    metric LowCardinality(String) COMMENT 'Name of the metric; docs/metrics.md has the catalogue',
    questionnaire LowCardinality(String) COMMENT 'Questionnaire, where the metric is of one; else empty',
    detail LowCardinality(String) COMMENT 'Dimension, item, level, milestone, quantile or reason; empty where there is none',
    window LowCardinality(String) COMMENT 'Length of the window: 1h, 24h, 7d, 28d or 90d',
    cut LowCardinality(String) COMMENT 'Empty for overall; one of region, org_unit, product, service, channel, segment, agent, or a pair as region,product',
    cut_value LowCardinality(String) COMMENT 'Value of the attribute, empty where it is not stated; a JSON array for a pair; other beyond the cap of the tenant',
    as_of DateTime('UTC') COMMENT 'End of the window, which belongs to it, UTC: what was booked in (as_of - window, as_of] counts',
    value Nullable(Float64) COMMENT 'The figure, in unit; NULL where nothing was observed',
    n UInt64 COMMENT 'Observations that it rests on: its denominator',
    n_excluded UInt64 COMMENT 'Observations left out of it',
    ci_low Nullable(Float64) COMMENT 'Lower end of the interval of 95 %; NULL for figures that have none: counts, quantiles, ratios',
    ci_high Nullable(Float64) COMMENT 'Upper end of the interval of 95 %',
    previous_value Nullable(Float64) COMMENT 'The figure of the window before, one length earlier',
    change Nullable(Float64) COMMENT 'value - previous_value; NULL where either is',
    significant Bool COMMENT 'Whether value and previous_value differ at 95 %; false where either rests on fewer than min_n observations. Provisional observations are left out of the test',
    provisional Bool COMMENT 'Whether, at as_of, the figure could still change by time alone',
    unit LowCardinality(String) COMMENT 'Unit of the value: %, 0-100, -100-100, 1-7, points, s, count, ratio, per 1000, rank, label or -1-1',
    version UInt32 COMMENT 'Version of the formula',
    previous_n UInt64 COMMENT 'Observations that previous_value rests on',
    below_min_n Bool COMMENT 'Whether n is below the min_n of the tenant: too few to judge by',
    label LowCardinality(String) COMMENT 'Value of a figure that is a name, as ipa_quadrant; else empty'
)
AS SELECT
    tenant,
    `cells.metric` AS metric, `cells.questionnaire` AS questionnaire, `cells.detail` AS detail,
    window, cut, `cells.cut_value` AS cut_value, as_of,
    `cells.value` AS value, `cells.n` AS n, `cells.n_excluded` AS n_excluded, `cells.ci_low` AS ci_low, `cells.ci_high` AS ci_high,
    `cells.previous_value` AS previous_value, `cells.change` AS change, `cells.significant` AS significant, `cells.provisional` AS provisional,
    `cells.unit` AS unit, `cells.formula` AS version, `cells.previous_n` AS previous_n, `cells.below_min_n` AS below_min_n, `cells.label` AS label
FROM
(
    SELECT
        tenant, window, cut, as_of, `cells.metric`, `cells.questionnaire`, `cells.detail`, `cells.cut_value`, `cells.value`, `cells.n`, `cells.n_excluded`,
        `cells.ci_low`, `cells.ci_high`, `cells.previous_value`, `cells.previous_n`, `cells.change`, `cells.significant`, `cells.provisional`,
        `cells.below_min_n`, `cells.unit`, `cells.formula`, `cells.label`
    FROM rapport_store.rolling FINAL
)
ARRAY JOIN
    `cells.metric`, `cells.questionnaire`, `cells.detail`, `cells.cut_value`, `cells.value`, `cells.n`, `cells.n_excluded`,
    `cells.ci_low`, `cells.ci_high`, `cells.previous_value`, `cells.previous_n`, `cells.change`, `cells.significant`, `cells.provisional`,
    `cells.below_min_n`, `cells.unit`, `cells.formula`, `cells.label`
COMMENT 'Present figures of windows that roll, overall and by every cut, with their uncertainty and the window before';
