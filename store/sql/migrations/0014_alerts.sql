-- Alerts: how they stand, and what was told of them. One row is one instant of a group of rules for a tenant, state and transitions together, so that
-- no alert is told whose state is lost, nor the other way round.

-- ORDER BY: asked for by group within tenant. slot is 0 for an instant at which nothing was told, so that these replace each other, and the instant for
-- one at which something was, so that it stays. Version: the instant; two evaluators that judged the same one write the same row.
CREATE TABLE IF NOT EXISTS rapport_store.alert_states
(
    tenant      LowCardinality(String) COMMENT 'Tenant',
    `group`     LowCardinality(String) COMMENT 'Group of rules',
    slot        Int64                  COMMENT 'Instant in milliseconds since 1970 where something was told; else 0',
    instant     DateTime64(3, 'UTC')   COMMENT 'Instant that was judged; the last one holds',
    alive       UInt32                 COMMENT 'Alerts that are pending or firing',
    state       String                 COMMENT 'Alerts that are pending, firing, or over for less than a day, as JSON',
    transitions Array(String)          COMMENT 'What was told, one JSON object each'
)
ENGINE = ReplacingMergeTree(instant)
ORDER BY (tenant, `group`, slot)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'How the alerts of each tenant and group of rules stand, and every transition; read with FINAL.';

CREATE VIEW IF NOT EXISTS rapport_store.alert_transitions
(
    tenant         LowCardinality(String) COMMENT 'Tenant',
    `group`        LowCardinality(String) COMMENT 'Group of rules',
    alert_id       String                 COMMENT 'Alert; the same for all its transitions',
    alert          String                 COMMENT 'Name of the rule',
    transition     String                 COMMENT 'firing, resolved or corrected',
    at             DateTime64(3, 'UTC')   COMMENT 'Instant of the transition',
    started_at     DateTime64(3, 'UTC')   COMMENT 'Instant from which the figure was past the bound',
    fired_at       DateTime64(3, 'UTC')   COMMENT 'Instant at which it fired',
    metric         String                 COMMENT 'Metric',
    questionnaire  String                 COMMENT 'Questionnaire; empty where there is none',
    detail         String                 COMMENT 'Dimension, item, level and so on; empty where there is none',
    window         String                 COMMENT 'Window',
    cut            String                 COMMENT 'Attribute, or a pair as region,product; empty for the overall figure',
    cut_value      String                 COMMENT 'Value of the cut',
    as_of          DateTime64(3, 'UTC')   COMMENT 'Instant that the figure is of',
    value          Nullable(Float64)      COMMENT 'The figure',
    n              UInt64                 COMMENT 'Observations that it rests on',
    ci_low         Nullable(Float64)      COMMENT 'Lower end of its interval at 95 %',
    ci_high        Nullable(Float64)      COMMENT 'Upper end',
    previous_value Nullable(Float64)      COMMENT 'The figure of the window before',
    previous_n     UInt64                 COMMENT 'Observations of the window before',
    unit           String                 COMMENT 'Unit of the figures',
    bound          String                 COMMENT 'below, above or drop',
    threshold      Float64                COMMENT 'What the figure is past',
    confidence     Nullable(Float64)      COMMENT 'Confidence of the rule; NULL where the value itself is compared',
    movers         String                 COMMENT 'Values of cuts that moved the figure most, as a JSON array',
    labels         Map(String, String)    COMMENT 'Labels; the same for all transitions of an alert',
    annotations    Map(String, String)    COMMENT 'Annotations, filled in',
    label_en       String                 COMMENT 'The metric in English',
    label_zh       String                 COMMENT 'The metric in Chinese',
    explain        String                 COMMENT 'Path and query of the read API at which the figure is explained'
)
AS SELECT
    tenant,
    `group`,
    JSONExtractString(t, 'alert_id') AS alert_id,
    JSONExtractString(t, 'alert') AS alert,
    JSONExtractString(t, 'transition') AS transition,
    parseDateTime64BestEffort(JSONExtractString(t, 'at'), 3, 'UTC') AS at,
    parseDateTime64BestEffort(JSONExtractString(t, 'started_at'), 3, 'UTC') AS started_at,
    parseDateTime64BestEffort(JSONExtractString(t, 'fired_at'), 3, 'UTC') AS fired_at,
    JSONExtractString(t, 'metric') AS metric,
    JSONExtractString(t, 'questionnaire') AS questionnaire,
    JSONExtractString(t, 'detail') AS detail,
    JSONExtractString(t, 'window') AS window,
    JSONExtractString(t, 'cut') AS cut,
    JSONExtractString(t, 'cut_value') AS cut_value,
    parseDateTime64BestEffort(JSONExtractString(t, 'as_of'), 3, 'UTC') AS as_of,
    JSONExtract(t, 'value', 'Nullable(Float64)') AS value,
    JSONExtractUInt(t, 'n') AS n,
    JSONExtract(t, 'ci_low', 'Nullable(Float64)') AS ci_low,
    JSONExtract(t, 'ci_high', 'Nullable(Float64)') AS ci_high,
    JSONExtract(t, 'previous_value', 'Nullable(Float64)') AS previous_value,
    JSONExtractUInt(t, 'previous_n') AS previous_n,
    JSONExtractString(t, 'unit') AS unit,
    JSONExtractString(t, 'bound') AS bound,
    JSONExtractFloat(t, 'threshold') AS threshold,
    JSONExtract(t, 'confidence', 'Nullable(Float64)') AS confidence,
    JSONExtractRaw(t, 'movers') AS movers,
    JSONExtract(t, 'labels', 'Map(String, String)') AS labels,
    JSONExtract(t, 'annotations', 'Map(String, String)') AS annotations,
    JSONExtractString(t, 'label_en') AS label_en,
    JSONExtractString(t, 'label_zh') AS label_zh,
    JSONExtractString(t, 'explain') AS explain
FROM rapport_store.alert_states FINAL
ARRAY JOIN transitions AS t
COMMENT 'Every transition of every alert, as it was told.';
