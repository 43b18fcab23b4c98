-- Daily figures of contacts, cases and complaints per cut: the shape of satisfaction_days, for its reasons. A contact is booked at its own time, a
-- case at requested, a complaint at opened. What the clock decides is not stored: confirmed and overdue are worked out when read.

CREATE TABLE IF NOT EXISTS rapport_store.contact_days
(
    tenant LowCardinality(String) COMMENT 'Whose figures',
    cut LowCardinality(String) COMMENT 'What the day is cut by: empty for overall, an attribute, or a pair as region,product',
    day Date32 COMMENT 'Calendar day in the time zone of the tenant',
    version UInt128 COMMENT 'Epoch << 64 | offset + 1 of the newest stale-day mark this row answers; the highest wins, whoever wrote last',
    `cells.cut_value` Array(LowCardinality(String)) COMMENT 'Value of the attribute; a JSON array for a pair; cells are sorted by the key columns',
    `cells.offered` Array(UInt64) COMMENT 'Live inbound contacts',
    `cells.answered` Array(UInt64) COMMENT 'Of them answered',
    `cells.in_service_level` Array(UInt64) COMMENT 'Of them answered within the limit of the tenant',
    `cells.outbound` Array(UInt64) COMMENT 'Live outbound contacts',
    `cells.wait_n` Array(UInt64) COMMENT 'Answered inbound contacts whose wait is known',
    `cells.wait_sum` Array(Int64) COMMENT 'Sum of their waits, microseconds',
    `cells.wait_sum_sq` Array(Int128) COMMENT 'Sum of their squared waits',
    `cells.handle_n` Array(UInt64) COMMENT 'Answered inbound contacts of which talk, hold or wrap is known',
    `cells.handle_sum` Array(Int64) COMMENT 'Sum of their talk, hold and wrap, microseconds',
    `cells.handle_sum_sq` Array(Int128) COMMENT 'Sum of their squared handling times',
    `cells.contacts` Array(UInt64) COMMENT 'Contacts in chains: answered and inbound',
    `cells.first_contacts` Array(UInt64) COMMENT 'Of them first',
    `cells.fcr_n` Array(UInt64) COMMENT 'First contacts of which it is known whether they were resolved',
    `cells.resolved_first` Array(UInt64) COMMENT 'Of them resolved at first contact',
    `cells.failed_not_resolved` Array(UInt64) COMMENT 'Of them failed because they were not resolved',
    `cells.failed_repeat_contact` Array(UInt64) COMMENT 'Of them failed because the customer came back',
    `cells.failed_reopened` Array(UInt64) COMMENT 'Of them failed because their case was reopened',
    `cells.resolved_unknown` Array(UInt64) COMMENT 'First contacts of which it is not known whether they were resolved',
    `cells.flagged` Array(UInt64) COMMENT 'First contacts whose own resolved is true',
    `cells.no_repeat` Array(UInt64) COMMENT 'First contacts with no later contact of the chain in the window',
    `cells.one_touch` Array(UInt64) COMMENT 'Episodes of exactly one contact, resolved; there are as many episodes as first contacts'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(day)
ORDER BY (tenant, cut, day)
SETTINGS index_granularity = 32
COMMENT 'Daily figures of contacts and first-contact resolution per cut, recomputed from contact_outcomes; read FINAL';

CREATE TABLE IF NOT EXISTS rapport_store.milestone_days
(
    tenant LowCardinality(String) COMMENT 'Whose figures',
    cut LowCardinality(String) COMMENT 'What the day is cut by: empty for overall, an attribute, or a pair as region,product',
    day Date32 COMMENT 'Calendar day in the time zone of the tenant',
    version UInt128 COMMENT 'Epoch << 64 | offset + 1 of the newest stale-day mark this row answers; the highest wins, whoever wrote last',
    `cells.cut_value` Array(LowCardinality(String)) COMMENT 'Value of the attribute; a JSON array for a pair; cells are sorted by the key columns',
    `cells.milestone` Array(LowCardinality(String)) COMMENT 'Milestone, or first_response',
    `cells.cases` Array(UInt64) COMMENT 'Cases requested',
    `cells.reached` Array(UInt64) COMMENT 'Cases that reached it',
    `cells.on_time` Array(UInt64) COMMENT 'Cases that reached it at or before its due time',
    `cells.late` Array(UInt64) COMMENT 'Cases that reached it after its due time',
    `cells.n` Array(UInt64) COMMENT 'Cases with a duration from requested',
    `cells.sum` Array(Int64) COMMENT 'Sum of the durations, microseconds',
    `cells.sum_sq` Array(Int128) COMMENT 'Sum of the squared durations',
    `cells.working_n` Array(UInt64) COMMENT 'Cases with a duration by the business calendar',
    `cells.working_sum` Array(Int64) COMMENT 'Sum of these, microseconds',
    `cells.working_sum_sq` Array(Int128) COMMENT 'Sum of their squares'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(day)
ORDER BY (tenant, cut, day)
SETTINGS index_granularity = 32
COMMENT 'Daily figures of milestones per cut, by the day of requested, recomputed from case_outcomes; read FINAL';

-- Tables of their own, because most readers want no distribution. Buckets are whole numbers made of whole numbers, so that a sum of them does not depend
-- on order, and two computations of one agree to the bit.
CREATE TABLE IF NOT EXISTS rapport_store.milestone_duration_days
(
    tenant LowCardinality(String) COMMENT 'Whose figures',
    cut LowCardinality(String) COMMENT 'What the day is cut by: empty for overall, an attribute, or a pair as region,product',
    day Date32 COMMENT 'Calendar day in the time zone of the tenant',
    version UInt128 COMMENT 'Epoch << 64 | offset + 1 of the newest stale-day mark this row answers; the highest wins, whoever wrote last',
    `cells.cut_value` Array(LowCardinality(String)) COMMENT 'Value of the attribute; a JSON array for a pair; cells are sorted by the key columns',
    `cells.milestone` Array(LowCardinality(String)) COMMENT 'Milestone, or first_response',
    `cells.clock` Array(LowCardinality(String)) COMMENT 'calendar or working',
    `cells.bucket` Array(UInt16) COMMENT 'Bucket of the duration, whose width is below 1 % of its values; docs/views.md has the rule',
    `cells.n` Array(UInt64) COMMENT 'How many'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(day)
ORDER BY (tenant, cut, day)
SETTINGS index_granularity = 32
COMMENT 'Histograms of durations from requested per cut; read FINAL';

-- Overdue depends on the clock, so the due times themselves are kept, of what is not reached alone: they go away as cases proceed.
CREATE TABLE IF NOT EXISTS rapport_store.milestone_due_days
(
    tenant LowCardinality(String) COMMENT 'Whose figures',
    cut LowCardinality(String) COMMENT 'What the day is cut by: empty for overall, an attribute, or a pair as region,product',
    day Date32 COMMENT 'Calendar day in the time zone of the tenant',
    version UInt128 COMMENT 'Epoch << 64 | offset + 1 of the newest stale-day mark this row answers; the highest wins, whoever wrote last',
    `cells.cut_value` Array(LowCardinality(String)) COMMENT 'Value of the attribute; a JSON array for a pair; cells are sorted by the key columns',
    `cells.milestone` Array(LowCardinality(String)) COMMENT 'Milestone, or first_response',
    `cells.due_at` Array(Int64) COMMENT 'When it is due, microseconds since 1970 UTC',
    `cells.n` Array(UInt64) COMMENT 'How many'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(day)
ORDER BY (tenant, cut, day)
SETTINGS index_granularity = 32
COMMENT 'Due times of what is not reached per cut: those before an instant are overdue at it; read FINAL';

CREATE TABLE IF NOT EXISTS rapport_store.complaint_days
(
    tenant LowCardinality(String) COMMENT 'Whose figures',
    cut LowCardinality(String) COMMENT 'What the day is cut by: empty for overall, an attribute, or a pair as region,product',
    day Date32 COMMENT 'Calendar day in the time zone of the tenant',
    version UInt128 COMMENT 'Epoch << 64 | offset + 1 of the newest stale-day mark this row answers; the highest wins, whoever wrote last',
    `cells.cut_value` Array(LowCardinality(String)) COMMENT 'Value of the attribute; a JSON array for a pair; cells are sorted by the key columns',
    `cells.severity` Array(LowCardinality(String)) COMMENT 'general or major, or empty',
    `cells.category` Array(LowCardinality(String)) COMMENT 'Category, or empty',
    `cells.reason` Array(LowCardinality(String)) COMMENT 'Reason, or empty',
    `cells.opened` Array(UInt64) COMMENT 'Complaints opened',
    `cells.timely_yes` Array(UInt64) COMMENT 'Complaints that their source calls timely',
    `cells.timely_no` Array(UInt64) COMMENT 'Complaints that their source calls late',
    `cells.repeats` Array(UInt64) COMMENT 'Complaints on an issue that the customer had complained of in the 30 days before',
    `cells.resolved` Array(UInt64) COMMENT 'Complaints that were resolved at some time',
    `cells.reopened` Array(UInt64) COMMENT 'Of them reopened',
    `cells.handling_very_satisfied` Array(UInt64) COMMENT 'Complaints whose handling the customer found so',
    `cells.handling_satisfied` Array(UInt64) COMMENT 'Complaints whose handling the customer found so',
    `cells.handling_mostly_satisfied` Array(UInt64) COMMENT 'Complaints whose handling the customer found so',
    `cells.handling_not_very_satisfied` Array(UInt64) COMMENT 'Complaints whose handling the customer found so',
    `cells.handling_dissatisfied` Array(UInt64) COMMENT 'Complaints whose handling the customer found so',
    `cells.handling_unhandled` Array(UInt64) COMMENT 'Complaints whose handling the customer found so',
    `cells.on_time` Array(UInt64) COMMENT 'Phases reached at or before their due time',
    `cells.late` Array(UInt64) COMMENT 'Phases reached after their due time',
    `cells.response_n` Array(UInt64) COMMENT 'Complaints with a first response',
    `cells.response_sum` Array(Int64) COMMENT 'Sum of the times to it, microseconds',
    `cells.response_sum_sq` Array(Int128) COMMENT 'Sum of their squares',
    `cells.resolution_n` Array(UInt64) COMMENT 'Complaints resolved now',
    `cells.resolution_sum` Array(Int64) COMMENT 'Sum of the times to it, microseconds',
    `cells.resolution_sum_sq` Array(Int128) COMMENT 'Sum of their squares'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(day)
ORDER BY (tenant, cut, day)
SETTINGS index_granularity = 32
COMMENT 'Daily figures of complaints per cut, by the day of opened, recomputed from complaint_outcomes; read FINAL';

CREATE TABLE IF NOT EXISTS rapport_store.complaint_duration_days
(
    tenant LowCardinality(String) COMMENT 'Whose figures',
    cut LowCardinality(String) COMMENT 'What the day is cut by: empty for overall, an attribute, or a pair as region,product',
    day Date32 COMMENT 'Calendar day in the time zone of the tenant',
    version UInt128 COMMENT 'Epoch << 64 | offset + 1 of the newest stale-day mark this row answers; the highest wins, whoever wrote last',
    `cells.cut_value` Array(LowCardinality(String)) COMMENT 'Value of the attribute; a JSON array for a pair; cells are sorted by the key columns',
    `cells.duration` Array(LowCardinality(String)) COMMENT 'first_response or resolution',
    `cells.clock` Array(LowCardinality(String)) COMMENT 'calendar or working',
    `cells.bucket` Array(UInt16) COMMENT 'Bucket of the duration, whose width is below 1 % of its values; docs/views.md has the rule',
    `cells.n` Array(UInt64) COMMENT 'How many'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(day)
ORDER BY (tenant, cut, day)
SETTINGS index_granularity = 32
COMMENT 'Histograms of durations from opened per cut; read FINAL';

CREATE TABLE IF NOT EXISTS rapport_store.complaint_due_days
(
    tenant LowCardinality(String) COMMENT 'Whose figures',
    cut LowCardinality(String) COMMENT 'What the day is cut by: empty for overall, an attribute, or a pair as region,product',
    day Date32 COMMENT 'Calendar day in the time zone of the tenant',
    version UInt128 COMMENT 'Epoch << 64 | offset + 1 of the newest stale-day mark this row answers; the highest wins, whoever wrote last',
    `cells.cut_value` Array(LowCardinality(String)) COMMENT 'Value of the attribute; a JSON array for a pair; cells are sorted by the key columns',
    `cells.phase` Array(LowCardinality(String)) COMMENT 'Phase',
    `cells.due_at` Array(Int64) COMMENT 'When it is due, microseconds since 1970 UTC',
    `cells.n` Array(UInt64) COMMENT 'How many'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(day)
ORDER BY (tenant, cut, day)
SETTINGS index_granularity = 32
COMMENT 'Due times of phases that are not reached per cut; read FINAL';
