-- Reads rollups, not contacts: the days of a year in milliseconds. What is confirmed at an instant within a day is in fcr_daily alone. cut_value keeps
-- the type it is stored in: as a String, the engine rewrites cut_value = '' into a subcolumn that is not there.
-- Values beyond the tenant's cap are shown as other, merged in a branch of their own, so that the rest needs no grouping.
CREATE OR REPLACE VIEW rapport.contact_by_cut_daily
(
    tenant                LowCardinality(String) COMMENT 'Tenant',
    day                   Date32                 COMMENT 'Day in the time zone of the tenant, UTC where it has none',
    cut                   LowCardinality(String) COMMENT 'Empty for overall; one of region, org_unit, product, service, channel, segment, agent, or a pair as region,product',
    cut_value             LowCardinality(String) COMMENT 'Value of the attribute, empty where it is not stated; a JSON array for a pair',
    n                     UInt64                 COMMENT 'Contacts, inbound and outbound',
    offered               UInt64                 COMMENT 'Inbound contacts',
    answered              UInt64                 COMMENT 'Of these answered',
    abandoned             UInt64                 COMMENT 'Of these not answered = offered - answered',
    outbound              UInt64                 COMMENT 'Outbound contacts',
    in_service_level      UInt64                 COMMENT 'Inbound contacts answered within the limit of the tenant',
    wait_n                UInt64                 COMMENT 'Answered inbound contacts whose wait is known',
    wait_seconds_sum      Float64                COMMENT 'Sum of their waits, seconds',
    handle_n              UInt64                 COMMENT 'Answered inbound contacts of which talk, hold or wrap is known',
    handle_seconds_sum    Float64                COMMENT 'Sum of their talk, hold and wrap, seconds',
    answer_rate           Nullable(Float64)      COMMENT '% = 100 * answered / offered; NULL where offered is 0',
    abandon_rate          Nullable(Float64)      COMMENT '% = 100 * abandoned / offered; NULL where offered is 0',
    service_level         Nullable(Float64)      COMMENT '% answered in time = 100 * in_service_level / offered; NULL where offered is 0',
    asa                   Nullable(Float64)      COMMENT 'Mean wait of answered contacts, seconds = wait_seconds_sum / wait_n; NULL where wait_n is 0',
    aht                   Nullable(Float64)      COMMENT 'Mean handling time, seconds = handle_seconds_sum / handle_n; NULL where handle_n is 0',
    contacts              UInt64                 COMMENT 'Answered inbound contacts: what chains are made of',
    first_contacts        UInt64                 COMMENT 'Of these first: no contact of the chain in the window before',
    repeats               UInt64                 COMMENT 'Of these not first = contacts - first_contacts',
    fcr_n                 UInt64                 COMMENT 'First contacts of which it is known whether they were resolved',
    resolved_first        UInt64                 COMMENT 'Of these resolved at first contact',
    flagged               UInt64                 COMMENT 'First contacts whose own resolved is true',
    no_repeat             UInt64                 COMMENT 'First contacts with no later contact of the chain in the window',
    one_touch             UInt64                 COMMENT 'Episodes of exactly one contact, resolved',
    failed_not_resolved   UInt64                 COMMENT 'Of fcr_n failed because they were not resolved',
    failed_repeat_contact UInt64                 COMMENT 'Of fcr_n failed because the customer came back',
    failed_reopened       UInt64                 COMMENT 'Of fcr_n failed because their case was reopened',
    resolved_unknown      UInt64                 COMMENT 'First contacts of which it is not known whether they were resolved',
    fcr                   Nullable(Float64)      COMMENT '% = 100 * resolved_first / fcr_n, provisional ones as they stand; NULL where fcr_n is 0',
    fcr_flagged           Nullable(Float64)      COMMENT '% = 100 * flagged / first_contacts; NULL where first_contacts is 0',
    fcr_no_repeat         Nullable(Float64)      COMMENT '% = 100 * no_repeat / first_contacts; NULL where first_contacts is 0',
    fcr_one_touch         Nullable(Float64)      COMMENT '% = 100 * one_touch / first_contacts; NULL where first_contacts is 0',
    repeat_contact_rate   Nullable(Float64)      COMMENT '% = 100 * repeats / contacts; NULL where contacts is 0',
    contacts_per_case     Nullable(Float64)      COMMENT 'contacts / first_contacts; NULL where first_contacts is 0'
)
AS SELECT
    tenant, day, cut, cut_value, offered + outbound AS n, offered, answered, offered - answered AS abandoned, outbound, in_service_level,
    wait_n, wait_sum / 1e6 AS wait_seconds_sum, handle_n, handle_sum / 1e6 AS handle_seconds_sum,
    if(offered = 0, NULL, 100 * answered / offered) AS answer_rate,
    if(offered = 0, NULL, 100 * (offered - answered) / offered) AS abandon_rate,
    if(offered = 0, NULL, 100 * in_service_level / offered) AS service_level,
    if(wait_n = 0, NULL, wait_sum / wait_n / 1e6) AS asa,
    if(handle_n = 0, NULL, handle_sum / handle_n / 1e6) AS aht,
    contacts, first_contacts, contacts - first_contacts AS repeats, fcr_n, resolved_first, flagged, no_repeat, one_touch, failed_not_resolved, failed_repeat_contact, failed_reopened, resolved_unknown,
    if(fcr_n = 0, NULL, 100 * resolved_first / fcr_n) AS fcr,
    if(first_contacts = 0, NULL, 100 * flagged / first_contacts) AS fcr_flagged,
    if(first_contacts = 0, NULL, 100 * no_repeat / first_contacts) AS fcr_no_repeat,
    if(first_contacts = 0, NULL, 100 * one_touch / first_contacts) AS fcr_one_touch,
    if(contacts = 0, NULL, 100 * (contacts - first_contacts) / contacts) AS repeat_contact_rate,
    if(first_contacts = 0, NULL, contacts / first_contacts) AS contacts_per_case
FROM (
    SELECT tenant, day, cut, cell.1 AS cut_value, cell.2 AS offered, cell.3 AS answered, cell.4 AS in_service_level, cell.5 AS outbound, cell.6 AS wait_n, cell.7 AS wait_sum, cell.8 AS handle_n, cell.9 AS handle_sum, cell.10 AS contacts, cell.11 AS first_contacts, cell.12 AS fcr_n, cell.13 AS resolved_first, cell.14 AS failed_not_resolved, cell.15 AS failed_repeat_contact, cell.16 AS failed_reopened, cell.17 AS resolved_unknown, cell.18 AS flagged, cell.19 AS no_repeat, cell.20 AS one_touch
    FROM rapport_store.contact_days FINAL
    ARRAY JOIN arrayZip(`cells.cut_value`, `cells.offered`, `cells.answered`, `cells.in_service_level`, `cells.outbound`, `cells.wait_n`, `cells.wait_sum`, `cells.handle_n`, `cells.handle_sum`, `cells.contacts`, `cells.first_contacts`, `cells.fcr_n`, `cells.resolved_first`, `cells.failed_not_resolved`, `cells.failed_repeat_contact`, `cells.failed_reopened`, `cells.resolved_unknown`, `cells.flagged`, `cells.no_repeat`, `cells.one_touch`) AS cell
    WHERE (tenant, cut) NOT IN (SELECT tenant, cut FROM rapport_store.attributes_over)
    UNION ALL
    SELECT tenant, day, cut, if((SELECT count() FROM rapport_store.attributes_over) = 0, cell.1, if(cell.1 != '' AND (tenant, cut) IN (SELECT tenant, cut FROM rapport_store.attributes_over) AND (tenant, cut, cell.1) NOT IN (SELECT tenant, cut, value FROM rapport_store.attributes_shown), if(position(cut, ',') > 0, '["other","other"]', 'other'), cell.1)) AS shown, sum(cell.2) AS offered, sum(cell.3) AS answered, sum(cell.4) AS in_service_level, sum(cell.5) AS outbound, sum(cell.6) AS wait_n, sum(cell.7) AS wait_sum, sum(cell.8) AS handle_n, sum(cell.9) AS handle_sum, sum(cell.10) AS contacts, sum(cell.11) AS first_contacts, sum(cell.12) AS fcr_n, sum(cell.13) AS resolved_first, sum(cell.14) AS failed_not_resolved, sum(cell.15) AS failed_repeat_contact, sum(cell.16) AS failed_reopened, sum(cell.17) AS resolved_unknown, sum(cell.18) AS flagged, sum(cell.19) AS no_repeat, sum(cell.20) AS one_touch
    FROM rapport_store.contact_days FINAL
    ARRAY JOIN arrayZip(`cells.cut_value`, `cells.offered`, `cells.answered`, `cells.in_service_level`, `cells.outbound`, `cells.wait_n`, `cells.wait_sum`, `cells.handle_n`, `cells.handle_sum`, `cells.contacts`, `cells.first_contacts`, `cells.fcr_n`, `cells.resolved_first`, `cells.failed_not_resolved`, `cells.failed_repeat_contact`, `cells.failed_reopened`, `cells.resolved_unknown`, `cells.flagged`, `cells.no_repeat`, `cells.one_touch`) AS cell
    WHERE (tenant, cut) IN (SELECT tenant, cut FROM rapport_store.attributes_over)
    GROUP BY tenant, day, cut, shown
)
COMMENT 'Daily figures of contacts and first-contact resolution per cut';
