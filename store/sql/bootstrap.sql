-- What a migration needs before the first one can be recorded. Every statement may run again and again.

CREATE DATABASE IF NOT EXISTS rapport_store COMMENT 'Tables of rapport. BI tools read the views in database rapport.';

CREATE DATABASE IF NOT EXISTS rapport COMMENT 'What BI tools see: views over finalised facts and figures, each table and column described.';

-- ORDER BY: one row per file; the newest application of a view file replaces the one before. Not partitioned: a few dozen rows.
CREATE TABLE IF NOT EXISTS rapport_store.migrations
(
    kind       LowCardinality(String)   COMMENT 'migration: applied once; view: applied whenever its file changes',
    name       String                   COMMENT 'Name of the file',
    version    UInt32                   COMMENT 'Number at the start of a migration''s file name; 0 for a view',
    checksum   FixedString(64)          COMMENT 'SHA-256 of the file, hexadecimal',
    applied_at DateTime64(6, 'UTC')     COMMENT 'When the file had been applied in full'
)
ENGINE = ReplacingMergeTree(applied_at)
ORDER BY (kind, name)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Which SQL files of rapport have been applied to this database.';
