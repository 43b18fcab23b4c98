-- Present figures with an index entry for each row. A row holds all figures of a cut: with 32 to a granule, a dashboard that asks for the eight regions
-- read those of all agents of several windows with them, a hundred times as much. There are a few hundred rows, so the index stays small.
-- A granularity cannot be altered: the table is made anew with its rows. Repeated, it is made of itself once more.
CREATE OR REPLACE TABLE rapport_store.rolling
(
    tenant LowCardinality(String) COMMENT 'Whose figures',
    window LowCardinality(String) COMMENT 'Length of the window: 1h, 24h, 7d, 28d or 90d',
    lane   LowCardinality(String) COMMENT 'days for figures that are sums of days and parts of days, spans for those that no day adds up to',
    cut    LowCardinality(String) COMMENT 'Empty for overall, an attribute, or a pair as region,product',
    as_of  DateTime('UTC')        COMMENT 'End of the window, which belongs to it',
    version UInt128               COMMENT 'Minutes of as_of since 1970 << 96 | sum of the versions of the days of the window, read before anything else; the highest wins, whoever wrote last',
    `cells.metric`        Array(LowCardinality(String)) COMMENT 'Name in the catalogue; cells are sorted by metric, questionnaire, detail and cut_value',
    `cells.questionnaire` Array(LowCardinality(String)) COMMENT 'Questionnaire, or empty',
    `cells.detail`        Array(LowCardinality(String)) COMMENT 'Dimension, item, level, milestone, quantile or reason, or empty',
    `cells.cut_value`     Array(LowCardinality(String)) COMMENT 'Value of the cut; a JSON array for a pair',
    `cells.value`         Array(Nullable(Float64)) COMMENT 'The figure',
    `cells.n`             Array(UInt64)            COMMENT 'Observations it rests on',
    `cells.n_excluded`    Array(UInt64)            COMMENT 'Observations left out',
    `cells.ci_low`        Array(Nullable(Float64)) COMMENT 'Lower end of its interval of 95 %',
    `cells.ci_high`       Array(Nullable(Float64)) COMMENT 'Upper end',
    `cells.previous_value` Array(Nullable(Float64)) COMMENT 'The figure of the window before',
    `cells.previous_n`    Array(UInt64)            COMMENT 'Observations that that one rests on',
    `cells.change`        Array(Nullable(Float64)) COMMENT 'Difference of the two',
    `cells.significant`   Array(Bool)              COMMENT 'Whether they differ at 95 %',
    `cells.provisional`   Array(Bool)              COMMENT 'Whether the figure can still change by time alone',
    `cells.below_min_n`   Array(Bool)              COMMENT 'Whether it rests on fewer observations than the tenant''s min_n',
    `cells.unit`          Array(LowCardinality(String)) COMMENT 'Unit of the value',
    `cells.formula`       Array(UInt32)            COMMENT 'Version of the metric''s formula',
    `cells.label`         Array(LowCardinality(String)) COMMENT 'Value of a figure that is a name, else empty'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (tenant, window, lane, cut)
SETTINGS index_granularity = 1
COMMENT 'Present figures of windows that roll; read FINAL'
AS SELECT * FROM rapport_store.rolling;
