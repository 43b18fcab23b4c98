-- Merges keep with each row the number of the insert that it came with (_block_number): what was read once need not be read again to know what has come since.
-- Parts that were merged before have one number for all their rows, which is no higher than that of any later insert; that is all that is asked of them.
ALTER TABLE rapport_store.survey_facts MODIFY SETTING enable_block_number_column = 1;
