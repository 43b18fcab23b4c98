-- Gaps and importance beside the scores of a dimension. Rows written before read as cells of zeros until they are computed
-- again, which the raised logic of the rollups sees to: the columns share the prefix of the cells, so that they come in the same length.
-- Sums of squares are kept for the variance, as those of the scores are.
ALTER TABLE rapport_store.dimension_days
    ADD COLUMN IF NOT EXISTS `cells.gap_n` Array(UInt64) COMMENT 'Answers of valid responses that have both score and expectation',
    ADD COLUMN IF NOT EXISTS `cells.gap_sum` Array(Int64) COMMENT 'Sum of score less expectation, in points of the scale',
    ADD COLUMN IF NOT EXISTS `cells.gap_sum_sq` Array(Int64) COMMENT 'Sum of its squares, for the variance',
    ADD COLUMN IF NOT EXISTS `cells.importance_n` Array(UInt64) COMMENT 'Answers of valid responses that state an importance',
    ADD COLUMN IF NOT EXISTS `cells.importance_sum` Array(Int64) COMMENT 'Sum of the stated importances, in points of the scale',
    ADD COLUMN IF NOT EXISTS `cells.importance_sum_sq` Array(Int64) COMMENT 'Sum of their squares, for the variance';
