-- Deliveries of alerts: what was sent to which receiver. What has no row here is sent again.

-- ORDER BY: asked for by receiver, and compared with the transitions by tenant, alert and transition. Noting a delivery again replaces it; version: the time of the
-- note, which is good enough for what is shown, since any row ends the sending. Not partitioned: rows are as few as pages.
CREATE TABLE IF NOT EXISTS rapport_store.alert_deliveries
(
    receiver   LowCardinality(String) COMMENT 'Receiver: alertmanager, webhook, slack or kafka',
    tenant     LowCardinality(String) COMMENT 'Tenant',
    alert_id   String                 COMMENT 'Alert',
    transition LowCardinality(String) COMMENT 'firing, resolved or corrected',
    outcome    LowCardinality(String) COMMENT 'sent: taken; refused: it never will be; given_up: not taken for too long',
    attempts   UInt32                 COMMENT 'Attempts of the process that noted it',
    error      String                 COMMENT 'Why it was not taken; empty where it was',
    at         DateTime64(3, 'UTC')   COMMENT 'When it was noted'
)
ENGINE = ReplacingMergeTree(at)
ORDER BY (receiver, tenant, alert_id, transition)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'What came of the transitions of alerts at the receivers; read with FINAL.';

-- ORDER BY: one row a receiver. The earliest instant holds, so that two processes that find it new at once agree.
CREATE TABLE IF NOT EXISTS rapport_store.alert_receivers
(
    receiver LowCardinality(String)                             COMMENT 'Receiver',
    since    SimpleAggregateFunction(min, DateTime64(3, 'UTC')) COMMENT 'Transitions before it are not for this receiver: there was none'
)
ENGINE = AggregatingMergeTree
ORDER BY receiver
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Since when there is a receiver of alerts.';
