-- Settings of a tenant that views need. A tenant that has no row, or a row from before, has the defaults.
ALTER TABLE rapport_store.tenants
    ADD COLUMN IF NOT EXISTS complaint_age_days    Array(UInt16) DEFAULT [3, 7, 30] COMMENT 'Ages in days that part open complaints, rising',
    ADD COLUMN IF NOT EXISTS min_n                 UInt32 DEFAULT 5                 COMMENT 'Observations under which nothing is significant or ranked',
    ADD COLUMN IF NOT EXISTS service_level_seconds UInt32 DEFAULT 20                COMMENT 'Wait within which a contact counts as answered in time, seconds',
    ADD COLUMN IF NOT EXISTS fcr_window_days       UInt16 DEFAULT 7                 COMMENT 'Days within which a second contact makes the first one unresolved',
    ADD COLUMN IF NOT EXISTS calendar              String DEFAULT ''                COMMENT 'Business calendar, or empty';
