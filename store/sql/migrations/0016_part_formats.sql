-- What an insert and the merges after it cost.

-- A batch of 50,000 facts is some 30 MiB. From 10 MiB on, ClickHouse's default, each column of a part is files of its own: two hundred a part, each to
-- be synced. Below 64 MiB a part is one file of data now; what merges make of them is larger, and still read and merged column by column.
-- Statistics of columns were made at each insert: the statements here read by the order of the tables, and use none.
-- MODIFY SETTING is of parts that come: those that are there stay as they are until they are merged. It may run again and again.
ALTER TABLE rapport_store.survey_facts MODIFY SETTING min_bytes_for_wide_part = 67108864, auto_statistics_types = '';
ALTER TABLE rapport_store.invitation_facts MODIFY SETTING min_bytes_for_wide_part = 67108864, auto_statistics_types = '';
ALTER TABLE rapport_store.contact_facts MODIFY SETTING min_bytes_for_wide_part = 67108864, auto_statistics_types = '';
ALTER TABLE rapport_store.milestone_facts MODIFY SETTING min_bytes_for_wide_part = 67108864, auto_statistics_types = '';
ALTER TABLE rapport_store.complaint_facts MODIFY SETTING min_bytes_for_wide_part = 67108864, auto_statistics_types = '';
ALTER TABLE rapport_store.contacts_by_chain MODIFY SETTING min_bytes_for_wide_part = 67108864, auto_statistics_types = '';
ALTER TABLE rapport_store.milestones_by_case MODIFY SETTING min_bytes_for_wide_part = 67108864, auto_statistics_types = '';
ALTER TABLE rapport_store.complaint_events_by_id MODIFY SETTING min_bytes_for_wide_part = 67108864, auto_statistics_types = '';
ALTER TABLE rapport_store.chains_of_cases MODIFY SETTING min_bytes_for_wide_part = 67108864, auto_statistics_types = '';
ALTER TABLE rapport_store.identities MODIFY SETTING min_bytes_for_wide_part = 67108864, auto_statistics_types = '';
ALTER TABLE rapport_store.late_facts MODIFY SETTING min_bytes_for_wide_part = 67108864, auto_statistics_types = '';
ALTER TABLE rapport_store.dead_letters MODIFY SETTING min_bytes_for_wide_part = 67108864, auto_statistics_types = '';
ALTER TABLE rapport_store.contact_outcomes MODIFY SETTING min_bytes_for_wide_part = 67108864, auto_statistics_types = '';
ALTER TABLE rapport_store.case_outcomes MODIFY SETTING min_bytes_for_wide_part = 67108864, auto_statistics_types = '';
ALTER TABLE rapport_store.complaint_outcomes MODIFY SETTING min_bytes_for_wide_part = 67108864, auto_statistics_types = '';
ALTER TABLE rapport_store.complaint_subjects MODIFY SETTING min_bytes_for_wide_part = 67108864, auto_statistics_types = '';
