-- One row per alert that fired, with the figures that it fired for. labels, annotations and movers are those told then.
CREATE OR REPLACE VIEW rapport.alerts
(
    tenant         LowCardinality(String)       COMMENT 'Tenant',
    alert_id       String                       COMMENT 'Stable id: the same in every message about the alert',
    alert          String                       COMMENT 'Name of the rule',
    `group`        LowCardinality(String)       COMMENT 'Group of rules',
    state          LowCardinality(String)       COMMENT 'firing, resolved, or corrected: with what came late it would not have fired',
    metric         String                       COMMENT 'Metric that the rule watches',
    questionnaire  String                       COMMENT 'Questionnaire; empty where the metric has none',
    detail         String                       COMMENT 'Dimension, item, level, milestone, quantile or reason; empty where there is none',
    window         String                       COMMENT 'Window of the figure',
    cut            String                       COMMENT 'Attribute, or a pair as region,product; empty for the overall figure',
    cut_value      String                       COMMENT 'Value of the cut; of a pair a JSON array',
    started_at     DateTime64(3, 'UTC')         COMMENT 'Instant from which the figure was past the bound, UTC',
    fired_at       DateTime64(3, 'UTC')         COMMENT 'Instant at which it fired, UTC',
    resolved_at    Nullable(DateTime64(3, 'UTC')) COMMENT 'Instant at which it was over, UTC; NULL while it fires',
    corrected_at   Nullable(DateTime64(3, 'UTC')) COMMENT 'Instant at which it was taken back, UTC; NULL where it was not',
    as_of          DateTime64(3, 'UTC')         COMMENT 'Instant of the figure that it fired for, UTC',
    value          Nullable(Float64)            COMMENT 'The figure that it fired for; NULL where it fired for want of one',
    n              UInt64                       COMMENT 'Observations that the figure rests on',
    ci_low         Nullable(Float64)            COMMENT 'Lower end of its interval at 95 %',
    ci_high        Nullable(Float64)            COMMENT 'Upper end of its interval at 95 %',
    threshold      Float64                      COMMENT 'What the figure was past, in unit',
    bound          LowCardinality(String)       COMMENT 'below, above, or drop against the window before',
    confidence     Nullable(Float64)            COMMENT 'How sure the rule wants to be; NULL where the value itself is compared',
    previous_value Nullable(Float64)            COMMENT 'The figure of the window before',
    previous_n     UInt64                       COMMENT 'Observations of the window before',
    unit           LowCardinality(String)       COMMENT 'Unit of the figures',
    label_en       String                       COMMENT 'The metric in English',
    label_zh       String                       COMMENT 'The metric in Chinese',
    movers         String                       COMMENT 'The values of cuts that moved the figure most, as a JSON array',
    labels         Map(String, String)          COMMENT 'Labels of the alert',
    annotations    Map(String, String)          COMMENT 'Annotations of the rule, filled in when it fired',
    explain        String                       COMMENT 'Path and query of the read API at which the figure is explained'
)
AS SELECT
    tenant,
    alert_id,
    argMin(t.alert, told) AS alert,
    argMin(t.`group`, told) AS `group`,
    multiIf(countIf(t.transition = 'corrected') > 0, 'corrected', countIf(t.transition = 'resolved') > 0, 'resolved', 'firing') AS state,
    argMin(t.metric, told) AS metric,
    argMin(t.questionnaire, told) AS questionnaire,
    argMin(t.detail, told) AS detail,
    argMin(t.window, told) AS window,
    argMin(t.cut, told) AS cut,
    argMin(t.cut_value, told) AS cut_value,
    min(t.started_at) AS started_at,
    min(t.fired_at) AS fired_at,
    minIf(toNullable(t.at), t.transition = 'resolved' OR t.transition = 'corrected') AS resolved_at,
    minIf(toNullable(t.at), t.transition = 'corrected') AS corrected_at,
    argMin(t.as_of, told) AS as_of,
    argMin(tuple(t.value), told).1 AS value,
    argMin(t.n, told) AS n,
    argMin(tuple(t.ci_low), told).1 AS ci_low,
    argMin(tuple(t.ci_high), told).1 AS ci_high,
    argMin(t.threshold, told) AS threshold,
    argMin(t.bound, told) AS bound,
    argMin(tuple(t.confidence), told).1 AS confidence,
    argMin(tuple(t.previous_value), told).1 AS previous_value,
    argMin(t.previous_n, told) AS previous_n,
    argMin(t.unit, told) AS unit,
    argMin(t.label_en, told) AS label_en,
    argMin(t.label_zh, told) AS label_zh,
    argMin(t.movers, told) AS movers,
    argMin(t.labels, told) AS labels,
    argMin(t.annotations, told) AS annotations,
    argMin(t.explain, told) AS explain
FROM
(
    -- What was told first is the firing; of one instant, too.
    SELECT *, (at, transition != 'firing', transition) AS told
    FROM rapport_store.alert_transitions
) AS t
GROUP BY tenant, alert_id
COMMENT 'Every alert that fired: what for, since when, and whether it is over.';
