-- Sums are of integers while all denominators of a group are equal, as within one version of a questionnaire; across versions
-- they are of decimals with 18 places: neither depends on the order of rows, as a sum of floats would.
-- One scan: dimension scores and the answers behind them are unfolded together, so that a figure and its gap are of the same responses.
CREATE OR REPLACE VIEW rapport.dimension_daily
(
    tenant          LowCardinality(String) COMMENT 'Whose responses they are',
    day             Date32                 COMMENT 'Day in the time zone of the tenant, UTC where it has none',
    region          LowCardinality(String) COMMENT 'Attribute region, as of the response; empty where not stated',
    org_unit        LowCardinality(String) COMMENT 'Attribute org_unit, as of the response; empty where not stated',
    product         LowCardinality(String) COMMENT 'Attribute product, as of the response; empty where not stated',
    service         LowCardinality(String) COMMENT 'Attribute service, as of the response; empty where not stated',
    channel         LowCardinality(String) COMMENT 'Attribute channel, as of the response; empty where not stated',
    segment         LowCardinality(String) COMMENT 'Attribute segment, as of the response; empty where not stated',
    agent           LowCardinality(String) COMMENT 'Attribute agent, as of the response; empty where not stated',
    questionnaire   LowCardinality(String) COMMENT 'Questionnaire',
    dimension       LowCardinality(String) COMMENT 'Dimension',
    n               UInt64                 COMMENT 'Valid responses of customers with a score in the dimension',
    dimension_score Nullable(Float64)      COMMENT 'Mean score of the dimension, 0..100 = dimension_sum / n; NULL where n is 0',
    dimension_sum   Float64                COMMENT 'Sum of the scores of the dimension',
    servqual_gap    Nullable(Float64)      COMMENT 'Mean of perception less expectation, in points of the scale = gap_sum / gap_n; NULL where gap_n is 0',
    gap_n           UInt64                 COMMENT 'Answers that have both score and expectation',
    gap_sum         Int64                  COMMENT 'Sum of perception less expectation, in points of the scale',
    importance      Nullable(Float64)      COMMENT 'Mean stated importance, in points of the scale = importance_sum / importance_n; NULL where importance_n is 0',
    importance_n    UInt64                 COMMENT 'Answers that state an importance',
    importance_sum  Int64                  COMMENT 'Sum of the stated importances',
    questionnaire_version LowCardinality(String) COMMENT 'Greatest version among the responses, as text: the one whose weight is shown',
    weight          Nullable(Float64)      COMMENT 'Part of the dimension in the index of that version, 0..1; NULL where no process has told of it yet'
)
AS SELECT
    tenant, day, region, org_unit, product, service, channel, segment, agent, rows.questionnaire AS questionnaire, rows.dimension AS dimension, dimension_n AS n,
    if(dimension_n = 0, NULL, if(dimension_den_min = dimension_den_max, dimension_num_sum / (dimension_den_min * dimension_n), toFloat64(dimension_decimal) / dimension_n)) AS dimension_score,
    if(dimension_n = 0, 0, if(dimension_den_min = dimension_den_max, dimension_num_sum / dimension_den_min, toFloat64(dimension_decimal))) AS dimension_sum,
    if(gap_n = 0, NULL, gap_sum / gap_n) AS servqual_gap,
    gap_n, gap_sum,
    if(importance_n = 0, NULL, importance_sum / importance_n) AS importance,
    importance_n, importance_sum,
    rows.version AS questionnaire_version,
    weights.weight AS weight
FROM
(
    SELECT
        tenant, day, region, org_unit, product, service, channel, segment, agent, questionnaire,
        cell.1 AS dimension,
        max(questionnaire_version) AS version,
        countIf(cell.3 > 0) AS dimension_n,
        sumIf(cell.2, cell.3 > 0) AS dimension_num_sum,
        minIf(cell.3, cell.3 > 0) AS dimension_den_min,
        maxIf(cell.3, cell.3 > 0) AS dimension_den_max,
        sumIf(toDecimal128(cell.2, 18) / greatest(cell.3, 1), cell.3 > 0) AS dimension_decimal,
        count(cell.4) AS gap_n,
        sum(ifNull(toInt64(cell.4), 0)) AS gap_sum,
        count(cell.5) AS importance_n,
        sum(ifNull(toInt64(cell.5), 0)) AS importance_sum
    FROM rapport_store.survey_facts_by_day
    ARRAY JOIN arrayConcat(
        arrayMap((dimension, num, den) -> (toString(dimension), num, den, CAST(NULL, 'Nullable(Int32)'), CAST(NULL, 'Nullable(Int16)')),
            `dimensions.dimension`, `dimensions.num`, `dimensions.den`),
        arrayMap((dimension, score, expectation, importance) -> (toString(dimension), toInt64(0), toInt64(0), CAST(score - expectation, 'Nullable(Int32)'), importance),
            `answers.dimension`, `answers.score`, `answers.expectation`, `answers.importance`)) AS cell
    WHERE valid AND role = 'customer'
    GROUP BY tenant, day, region, org_unit, product, service, channel, segment, agent, questionnaire, dimension
) AS rows
LEFT JOIN rapport_store.dimension_weights AS weights
    ON weights.questionnaire = rows.questionnaire AND weights.version = rows.version AND weights.dimension = rows.dimension
COMMENT 'Scores, gaps and importance per tenant, day, attributes, questionnaire and dimension, of valid responses of customers alone; counts and sums can be added up, means cannot.';
