-- Figures of windows that roll: the present ones, what history has recorded last, and history.

-- One row holds all figures of a (tenant, window, lane, cut): a reader never sees half of a computation, and a figure that
-- vanished is gone with the row that had it.
-- ORDER BY: asked for by tenant, then by window; a lane is computed and written at once, with all its cuts.
-- index_granularity 32: rows are fat, a cell per value of the cut and figure.
-- No fsync: a row that a power cut takes away is computed again at the next step.
CREATE TABLE IF NOT EXISTS rapport_store.rolling
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
SETTINGS index_granularity = 32
COMMENT 'Present figures of windows that roll; read FINAL';

-- What history has of each figure, so that an hour's rows are those that changed, and so that what vanished is noticed. Written after the
-- rows of the hour: where that did not come to pass, the hour is recorded again, under the same keys.
-- ORDER BY as above, which it is compared with.
CREATE TABLE IF NOT EXISTS rapport_store.rolling_recorded
(
    tenant LowCardinality(String) COMMENT 'Whose figures',
    window LowCardinality(String) COMMENT 'Length of the window',
    lane   LowCardinality(String) COMMENT 'As in rolling',
    cut    LowCardinality(String) COMMENT 'Empty for overall, an attribute, or a pair as region,product',
    as_of  DateTime('UTC')        COMMENT 'Hour that was recorded last; the highest wins',
    `cells.metric`        Array(LowCardinality(String)) COMMENT 'Name in the catalogue',
    `cells.questionnaire` Array(LowCardinality(String)) COMMENT 'Questionnaire, or empty',
    `cells.detail`        Array(LowCardinality(String)) COMMENT 'Dimension, item, level, milestone, quantile or reason, or empty',
    `cells.cut_value`     Array(LowCardinality(String)) COMMENT 'Value of the cut',
    `cells.value`         Array(Nullable(Float64))      COMMENT 'The figure',
    `cells.n`             Array(UInt64)                 COMMENT 'Observations it rests on',
    `cells.unit`          Array(LowCardinality(String)) COMMENT 'Unit of the value',
    `cells.formula`       Array(UInt32)                 COMMENT 'Version of the metric''s formula'
)
ENGINE = ReplacingMergeTree(as_of)
ORDER BY (tenant, window, lane, cut)
SETTINGS index_granularity = 32
COMMENT 'What rolling_history has of each figure last; read FINAL';

-- ORDER BY: read as one metric, window and cut over time, which lies together. Questionnaire, detail and value come after the time: there are few, and
-- they are mostly read together.
CREATE TABLE IF NOT EXISTS rapport_store.rolling_history
(
    tenant        LowCardinality(String) COMMENT 'Whose figure',
    metric        LowCardinality(String) COMMENT 'Name in the catalogue',
    window        LowCardinality(String) COMMENT 'Length of the window',
    cut           LowCardinality(String) COMMENT 'Empty for overall, an attribute, or a pair as region,product',
    as_of         DateTime('UTC')        COMMENT 'End of the window, a whole hour',
    questionnaire LowCardinality(String) COMMENT 'Questionnaire, or empty',
    detail        LowCardinality(String) COMMENT 'Dimension, item, level, milestone, quantile or reason, or empty',
    cut_value     LowCardinality(String) COMMENT 'Value of the cut; a JSON array for a pair',
    version       UInt128                COMMENT 'As in rolling; of an hour that is recorded again the highest wins',
    lane          LowCardinality(String) COMMENT 'As in rolling',
    value         Nullable(Float64)      COMMENT 'The figure; NULL where it vanished',
    n             UInt64                 COMMENT 'Observations it rests on',
    n_excluded    UInt64                 COMMENT 'Observations left out',
    ci_low        Nullable(Float64)      COMMENT 'Lower end of its interval of 95 %',
    ci_high       Nullable(Float64)      COMMENT 'Upper end',
    previous_value Nullable(Float64)     COMMENT 'The figure of the window before',
    previous_n    UInt64                 COMMENT 'Observations that that one rests on',
    change        Nullable(Float64)      COMMENT 'Difference of the two',
    significant   Bool                   COMMENT 'Whether they differ at 95 %',
    provisional   Bool                   COMMENT 'Whether the figure could still change by time alone',
    below_min_n   Bool                   COMMENT 'Whether it rests on fewer observations than the tenant''s min_n',
    unit          LowCardinality(String) COMMENT 'Unit of the value',
    formula       UInt32                 COMMENT 'Version of the metric''s formula',
    label         LowCardinality(String) COMMENT 'Value of a figure that is a name, else empty'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(as_of)
ORDER BY (tenant, metric, window, cut, as_of, questionnaire, detail, cut_value)
TTL as_of + INTERVAL 400 DAY
COMMENT 'Figures of windows that roll by the hour, a row where one changed; read FINAL';
