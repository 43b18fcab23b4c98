-- The sum is of as many numbers as there are dimensions, in the order of their names, so that it has one value to the bit.
CREATE OR REPLACE VIEW rapport.servqual_gap_daily
(
    tenant                LowCardinality(String) COMMENT 'Tenant',
    day                   Date32                 COMMENT 'Calendar day in the time zone of the tenant',
    cut                   LowCardinality(String) COMMENT 'Empty for overall, one of region, org_unit, product, service, channel, segment, agent, or a pair as region,product',
    cut_value             LowCardinality(String) COMMENT 'Value of the attribute, empty where it is not stated; a JSON array for a pair',
    questionnaire         LowCardinality(String) COMMENT 'Questionnaire; its versions are merged',
    servqual_weighted_gap Nullable(Float64)      COMMENT 'Sum over the dimensions of weight times gap, in points of the scale; NULL where weighted_dimensions is less than dimensions',
    weighted_dimensions   UInt64                 COMMENT 'Dimensions with both a gap and a weight',
    dimensions            UInt64                 COMMENT 'Dimensions that the questionnaire has, by the greatest version among the responses; 0 where no process has told of it yet',
    gap_n                 UInt64                 COMMENT 'Answers that have both score and expectation, of all dimensions',
    gap_sum               Int64                  COMMENT 'Sum of perception less expectation over all of them, unweighted, in points of the scale'
)
AS SELECT
    tenant, day, cut, cut_value, rows.questionnaire AS questionnaire,
    if(weighted_dimensions < greatest(dimensions, 1), NULL, arraySum(part -> part.2 * part.3, weighted)) AS servqual_weighted_gap,
    length(weighted) AS weighted_dimensions,
    sizes.dimensions AS dimensions,
    gap_n, gap_sum
FROM
(
    SELECT
        tenant, day, cut, cut_value, questionnaire,
        max(questionnaire_version) AS newest,
        groupArrayIf((toString(dimension), assumeNotNull(weight), assumeNotNull(servqual_gap), questionnaire_version), weight IS NOT NULL AND servqual_gap IS NOT NULL) AS parts,
        -- On the day of a change a dimension that the newer version has no longer would count beside those that share its weight now.
        arraySort(arrayFilter(part -> part.4 = newest, parts)) AS weighted,
        sum(gap_n) AS gap_n,
        sum(gap_sum) AS gap_sum
    FROM rapport.dimension_by_cut_daily
    GROUP BY tenant, day, cut, cut_value, questionnaire
    HAVING gap_n > 0
) AS rows
LEFT JOIN (SELECT questionnaire, version, max(dimensions) AS dimensions FROM rapport_store.dimension_weights GROUP BY questionnaire, version) AS sizes
    ON sizes.questionnaire = rows.questionnaire AND sizes.version = rows.newest
COMMENT 'SERVQUAL gap weighted over the dimensions, per day and cut, of role customer';
