-- Single scores per cut and day, and the reasons beside them: what score_share, item_score, target_gap and reason_share of any span are added up from.

-- The same shape and reasons as the tables of 0002. A score is a key, not a sum: a distribution is asked for, which holds as many scores as there are
-- points of a scale, and the mean and the variance of an item follow from it exactly.
CREATE TABLE IF NOT EXISTS rapport_store.score_days
(
    tenant LowCardinality(String) COMMENT 'Whose figures',
    cut LowCardinality(String) COMMENT 'What the day is cut by: empty for overall, an attribute, or a pair as region,product',
    day Date32 COMMENT 'Calendar day in the time zone of the tenant',
    version UInt128 COMMENT 'Epoch << 64 | offset + 1 of the newest stale-day mark this row answers; the highest wins, whoever wrote last',
    `cells.cut_value` Array(LowCardinality(String)) COMMENT 'Value of the attribute; a JSON array for a pair; cells are sorted by the key columns',
    `cells.questionnaire` Array(LowCardinality(String)) COMMENT 'Questionnaire of the cell',
    `cells.questionnaire_version` Array(LowCardinality(String)) COMMENT 'Version of the questionnaire; versions are merged when read',
    `cells.role` Array(LowCardinality(String)) COMMENT 'Who answered: customer, employee, manager or mystery_shopper',
    `cells.dimension` Array(LowCardinality(String)) COMMENT 'Dimension of the item',
    `cells.item` Array(LowCardinality(String)) COMMENT 'Item of the questionnaire',
    `cells.score` Array(Int16) COMMENT 'Score of the answer, in points of the scale; what was filled in for a missing answer is none',
    `cells.n` Array(UInt64) COMMENT 'Answers of valid responses that have this score'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(day)
ORDER BY (tenant, cut, day)
SETTINGS index_granularity = 32
COMMENT 'Daily distributions of the scores of items per cut, recomputed from survey_facts; read FINAL';

-- A table of its own, because few answers name a reason, and one may name several. The score is a key, so that what counts as below satisfied, which belongs
-- to the questionnaire, is decided when read.
CREATE TABLE IF NOT EXISTS rapport_store.reason_days
(
    tenant LowCardinality(String) COMMENT 'Whose figures',
    cut LowCardinality(String) COMMENT 'What the day is cut by: empty for overall, an attribute, or a pair as region,product',
    day Date32 COMMENT 'Calendar day in the time zone of the tenant',
    version UInt128 COMMENT 'Epoch << 64 | offset + 1 of the newest stale-day mark this row answers; the highest wins, whoever wrote last',
    `cells.cut_value` Array(LowCardinality(String)) COMMENT 'Value of the attribute; a JSON array for a pair; cells are sorted by the key columns',
    `cells.questionnaire` Array(LowCardinality(String)) COMMENT 'Questionnaire of the cell',
    `cells.questionnaire_version` Array(LowCardinality(String)) COMMENT 'Version of the questionnaire; versions are merged when read',
    `cells.role` Array(LowCardinality(String)) COMMENT 'Who answered: customer, employee, manager or mystery_shopper',
    `cells.dimension` Array(LowCardinality(String)) COMMENT 'Dimension of the item that the reason was given at',
    `cells.reason` Array(LowCardinality(String)) COMMENT 'Code of the reason',
    `cells.score` Array(Int16) COMMENT 'Score of the answer that names it, in points of the scale',
    `cells.n` Array(UInt64) COMMENT 'Answers of valid responses that have this score and name the reason, once or more often'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(day)
ORDER BY (tenant, cut, day)
SETTINGS index_granularity = 32
COMMENT 'Daily counts of the reasons given per cut, recomputed from survey_facts; read FINAL';
