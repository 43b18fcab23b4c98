-- weight is Nullable so that a LEFT JOIN gives NULL for a version nobody has told of, whatever the reader's join_use_nulls.
CREATE OR REPLACE VIEW rapport_store.dimension_weights
(
    questionnaire LowCardinality(String) COMMENT 'Questionnaire',
    version       LowCardinality(String) COMMENT 'Version of the questionnaire',
    dimension     LowCardinality(String) COMMENT 'Dimension',
    title_en      String                 COMMENT 'Title in English',
    title_zh      String                 COMMENT 'Title in Chinese',
    weight        Nullable(Float64)      COMMENT 'Part of the dimension in the index, 0 to 1',
    dimensions    UInt64                 COMMENT 'Dimensions of the version'
)
AS SELECT id AS questionnaire, version, dimension, title_en, title_zh, weight / total AS weight, dimensions
FROM
(
    SELECT id, version, arraySum(`dimensions.weight`) AS total, length(`dimensions.weight`) AS dimensions,
        `dimensions.dimension` AS all_dimensions, `dimensions.title_en` AS titles_en, `dimensions.title_zh` AS titles_zh, `dimensions.weight` AS weights
    FROM rapport_store.questionnaire_details FINAL
)
ARRAY JOIN all_dimensions AS dimension, titles_en AS title_en, titles_zh AS title_zh, weights AS weight
COMMENT 'Dimensions of every version of a questionnaire with their weights: what views join.';
