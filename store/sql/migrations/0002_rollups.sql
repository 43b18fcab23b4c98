-- Daily figures per cut, recomputed from facts and replaced whole, and the epochs that order what replaced what.

-- One row holds a whole (tenant, cut, day): a reader never sees half of a recomputation, and a value that vanished from
-- the facts vanishes from the row, which separate rows per value could not promise when two writers race.
-- ORDER BY: readers ask for one tenant and one cut over many days, so the days of a cut lie together.
-- index_granularity 32: rows are fat (a cell per agent), so 8192 of them would make one day a read of everything.
-- No fsync: a row that a power cut takes away is made again from the facts by the sweeper.
CREATE TABLE IF NOT EXISTS rapport_store.satisfaction_days
(
    tenant LowCardinality(String) COMMENT 'Whose figures',
    cut LowCardinality(String) COMMENT 'What the day is cut by: empty for overall, an attribute, or a pair as region,product',
    day Date32 COMMENT 'Calendar day in the time zone of the tenant',
    version UInt128 COMMENT 'Epoch << 64 | offset + 1 of the newest stale-day mark this row answers; the highest wins, whoever wrote last',
    `cells.cut_value` Array(LowCardinality(String)) COMMENT 'Value of the attribute; a JSON array for a pair; cells are sorted by the key columns',
    `cells.questionnaire` Array(LowCardinality(String)) COMMENT 'Questionnaire of the cell',
    `cells.questionnaire_version` Array(LowCardinality(String)) COMMENT 'Version of the questionnaire; versions are merged when read',
    `cells.role` Array(LowCardinality(String)) COMMENT 'Who answered: customer, employee, manager or mystery_shopper',
    `cells.n` Array(UInt64) COMMENT 'Valid responses',
    `cells.n_invalid` Array(UInt64) COMMENT 'Responses left out of every other figure by the validity rule',
    `cells.index_n` Array(UInt64) COMMENT 'Valid responses that have an index',
    `cells.index_den` Array(Int64) COMMENT 'Denominator that all indexes of the cell share; 0 where index_n is 0',
    `cells.index_sum` Array(Int64) COMMENT 'Sum of index numerators; index_sum / index_den / index_n is the mean index, 0 to 100',
    `cells.index_sum_sq` Array(Int128) COMMENT 'Sum of squared index numerators, for the variance',
    `cells.very_satisfied` Array(UInt64) COMMENT 'Valid responses at this level',
    `cells.satisfied` Array(UInt64) COMMENT 'Valid responses at this level',
    `cells.neutral` Array(UInt64) COMMENT 'Valid responses at this level',
    `cells.dissatisfied` Array(UInt64) COMMENT 'Valid responses at this level',
    `cells.very_dissatisfied` Array(UInt64) COMMENT 'Valid responses at this level',
    `cells.promoters` Array(UInt64) COMMENT 'Valid responses with nps 9 or 10',
    `cells.passives` Array(UInt64) COMMENT 'Valid responses with nps 7 or 8',
    `cells.detractors` Array(UInt64) COMMENT 'Valid responses with nps 0 to 6',
    `cells.ces_n` Array(UInt64) COMMENT 'Valid responses with an effort score',
    `cells.ces_sum` Array(Int64) COMMENT 'Sum of effort scores, 1 to 7 each, higher is easier',
    `cells.ces_sum_sq` Array(Int64) COMMENT 'Sum of squared effort scores',
    `cells.repurchase_n` Array(UInt64) COMMENT 'Valid responses that state repurchase intent',
    `cells.repurchase_sum` Array(Int64) COMMENT 'Sum of repurchase intent, 1 to 5 each',
    `cells.resolved_yes` Array(UInt64) COMMENT 'Valid responses that say the issue was resolved at first contact',
    `cells.resolved_no` Array(UInt64) COMMENT 'Valid responses that say it was not'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(day)
ORDER BY (tenant, cut, day)
SETTINGS index_granularity = 32
COMMENT 'Daily satisfaction figures per cut, recomputed from survey_facts; read FINAL';

-- The same shape for dimension scores. A table of its own, because its cells are several times as many and most readers
-- want only one of the two.
CREATE TABLE IF NOT EXISTS rapport_store.dimension_days
(
    tenant LowCardinality(String) COMMENT 'Whose figures',
    cut LowCardinality(String) COMMENT 'What the day is cut by: empty for overall, an attribute, or a pair as region,product',
    day Date32 COMMENT 'Calendar day in the time zone of the tenant',
    version UInt128 COMMENT 'Epoch << 64 | offset + 1 of the newest stale-day mark this row answers; the highest wins, whoever wrote last',
    `cells.cut_value` Array(LowCardinality(String)) COMMENT 'Value of the attribute; a JSON array for a pair; cells are sorted by the key columns',
    `cells.questionnaire` Array(LowCardinality(String)) COMMENT 'Questionnaire of the cell',
    `cells.questionnaire_version` Array(LowCardinality(String)) COMMENT 'Version of the questionnaire; versions are merged when read',
    `cells.role` Array(LowCardinality(String)) COMMENT 'Who answered: customer, employee, manager or mystery_shopper',
    `cells.dimension` Array(LowCardinality(String)) COMMENT 'Dimension of the questionnaire',
    `cells.n` Array(UInt64) COMMENT 'Valid responses with an answer in the dimension',
    `cells.den` Array(Int64) COMMENT 'Denominator that all scores of the cell share',
    `cells.num_sum` Array(Int64) COMMENT 'Sum of score numerators; num_sum / den / n is the mean score, 0 to 100',
    `cells.num_sum_sq` Array(Int128) COMMENT 'Sum of squared score numerators, for the variance'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(day)
ORDER BY (tenant, cut, day)
SETTINGS index_granularity = 32
COMMENT 'Daily dimension scores per cut, recomputed from survey_facts; read FINAL';

-- What the figures were computed under. Rows are only added; the highest (epoch, fingerprint) of a tenant holds, so two
-- processes that raise at the same time agree on one. It is fsynced: an epoch that fell back would let old rows win.
-- marked is the engine's version: a row says 1 once all days that the raise makes stale have been marked, so that a crash
-- between the two is noticed at the next start.
CREATE TABLE IF NOT EXISTS rapport_store.epochs
(
    tenant String COMMENT 'Tenant, or empty for all',
    epoch UInt64 COMMENT 'Rises when settings, rollup logic or the marks topic change; a row''s version carries the sum of both epochs that bind it',
    fingerprint String COMMENT 'What the epoch was opened for: time zone and cuts of a tenant; logic version, partitions of the marks topic for all',
    marked UInt8 COMMENT '1 when every day that the raise makes stale has been marked'
)
ENGINE = ReplacingMergeTree(marked)
ORDER BY (tenant, epoch, fingerprint)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Epochs of rollups: which settings and logic the figures belong to';
