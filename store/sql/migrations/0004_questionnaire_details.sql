-- What figures need to know of a questionnaire beside the scores of its responses, as told by the processes that score.
-- ORDER BY: one row per version. Unlike what scoring rests on, most of this may change under a version; what was told last holds. It is told at
-- the start of a process, so its version is a clock; no stored figure is computed from it.
CREATE TABLE IF NOT EXISTS rapport_store.questionnaire_details
(
    id                     LowCardinality(String)   COMMENT 'Questionnaire id',
    version                LowCardinality(String)   COMMENT 'Version of the questionnaire',
    valid_from             Date32                   COMMENT 'Day, UTC, from which the version holds',
    title_en               String                   COMMENT 'Title in English',
    title_zh               String                   COMMENT 'Title in Chinese',
    satisfied_threshold    Decimal(9, 6)            COMMENT 'Mean index, 0..100, from which a customer counts as satisfied; 0 where there is no index',
    `dimensions.dimension` Array(String)            COMMENT 'Dimensions, in the order of the file',
    `dimensions.title_en`  Array(String)            COMMENT 'Title of each dimension in English',
    `dimensions.title_zh`  Array(String)            COMMENT 'Title of each dimension in Chinese',
    `dimensions.weight`    Array(Int64)             COMMENT 'Weight of each dimension; its part in the index is weight / sum of weights',
    told_at                DateTime64(6, 'UTC')     COMMENT 'When a process told it; the last one holds'
)
ENGINE = ReplacingMergeTree(told_at)
ORDER BY (id, version)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Thresholds, weights and titles of the questionnaires that responses are scored by.';
