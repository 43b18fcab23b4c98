-- A cohort is booked at its first contact, a repeat at its own time. What is confirmed by now is asked of the clock; nothing else is.
CREATE OR REPLACE VIEW rapport.fcr_daily
(
    tenant                LowCardinality(String) COMMENT 'Tenant',
    day                   Date32                 COMMENT 'Day in the time zone of the tenant, UTC where it has none',
    region                LowCardinality(String) COMMENT 'Attribute region, as of the contact; empty where not stated',
    org_unit              LowCardinality(String) COMMENT 'Attribute org_unit, as of the contact; empty where not stated',
    product               LowCardinality(String) COMMENT 'Attribute product, as of the contact; empty where not stated',
    service               LowCardinality(String) COMMENT 'Attribute service, as of the contact; empty where not stated',
    channel               LowCardinality(String) COMMENT 'Attribute channel, as of the contact; empty where not stated',
    segment               LowCardinality(String) COMMENT 'Attribute segment, as of the contact; empty where not stated',
    agent                 LowCardinality(String) COMMENT 'Attribute agent, as of the contact; empty where not stated',
    n                     UInt64                 COMMENT 'First contacts of which it is known whether they were resolved = fcr_n',
    contacts              UInt64                 COMMENT 'Answered inbound contacts: what chains are made of',
    first_contacts        UInt64                 COMMENT 'Of these first: no contact of the chain in the window before',
    repeats               UInt64                 COMMENT 'Of these not first = contacts - first_contacts',
    fcr_n                 UInt64                 COMMENT 'First contacts of which it is known whether they were resolved',
    resolved_first        UInt64                 COMMENT 'Of these resolved at first contact',
    confirmed_n           UInt64                 COMMENT 'Of fcr_n those whose window is over now',
    confirmed_resolved    UInt64                 COMMENT 'Of these resolved at first contact',
    provisional_n         UInt64                 COMMENT 'First contacts whose window is not over now',
    flagged               UInt64                 COMMENT 'First contacts whose own resolved is true',
    no_repeat             UInt64                 COMMENT 'First contacts with no later contact of the chain in the window',
    one_touch             UInt64                 COMMENT 'Episodes of exactly one contact, resolved',
    failed_not_resolved   UInt64                 COMMENT 'Of fcr_n failed because they were not resolved',
    failed_repeat_contact UInt64                 COMMENT 'Of fcr_n failed because the customer came back',
    failed_reopened       UInt64                 COMMENT 'Of fcr_n failed because their case was reopened',
    resolved_unknown      UInt64                 COMMENT 'First contacts of which it is not known whether they were resolved',
    abandoned             UInt64                 COMMENT 'Inbound contacts that nobody answered: in no chain',
    outbound              UInt64                 COMMENT 'Outbound contacts: in no chain',
    fcr                   Nullable(Float64)      COMMENT '% = 100 * resolved_first / fcr_n, provisional ones as they stand; NULL where fcr_n is 0',
    fcr_confirmed         Nullable(Float64)      COMMENT '% = 100 * confirmed_resolved / confirmed_n; NULL where confirmed_n is 0',
    fcr_low               Nullable(Float64)      COMMENT 'The floor under fcr, every provisional success counted as failed, % = 100 * confirmed_resolved / fcr_n; NULL where fcr_n is 0',
    fcr_flagged           Nullable(Float64)      COMMENT '% = 100 * flagged / first_contacts; NULL where first_contacts is 0',
    fcr_no_repeat         Nullable(Float64)      COMMENT '% = 100 * no_repeat / first_contacts; NULL where first_contacts is 0',
    fcr_one_touch         Nullable(Float64)      COMMENT '% = 100 * one_touch / first_contacts; NULL where first_contacts is 0',
    repeat_contact_rate   Nullable(Float64)      COMMENT '% = 100 * repeats / contacts; NULL where contacts is 0',
    contacts_per_case     Nullable(Float64)      COMMENT 'contacts / first_contacts; NULL where first_contacts is 0',
    customer_n            UInt64                 COMMENT 'Valid responses of customers that say whether the issue was resolved at first contact, by the day and attributes of the response',
    customer_yes          UInt64                 COMMENT 'Of these those that say it was',
    fcr_customer          Nullable(Float64)      COMMENT '% = 100 * customer_yes / customer_n; NULL where customer_n is 0'
)
AS SELECT
    tenant, day, region, org_unit, product, service, channel, segment, agent, fcr_n AS n, contacts, first_contacts, contacts - first_contacts AS repeats, fcr_n, resolved_first, confirmed_n, confirmed_resolved, provisional_n, flagged, no_repeat, one_touch, failed_not_resolved, failed_repeat_contact, failed_reopened, resolved_unknown, abandoned, outbound,
    if(fcr_n = 0, NULL, 100 * resolved_first / fcr_n) AS fcr,
    if(confirmed_n = 0, NULL, 100 * confirmed_resolved / confirmed_n) AS fcr_confirmed,
    if(fcr_n = 0, NULL, 100 * confirmed_resolved / fcr_n) AS fcr_low,
    if(first_contacts = 0, NULL, 100 * flagged / first_contacts) AS fcr_flagged,
    if(first_contacts = 0, NULL, 100 * no_repeat / first_contacts) AS fcr_no_repeat,
    if(first_contacts = 0, NULL, 100 * one_touch / first_contacts) AS fcr_one_touch,
    if(contacts = 0, NULL, 100 * (contacts - first_contacts) / contacts) AS repeat_contact_rate,
    if(first_contacts = 0, NULL, contacts / first_contacts) AS contacts_per_case,
    customer_n, customer_yes,
    if(customer_n = 0, NULL, 100 * customer_yes / customer_n) AS fcr_customer
FROM
(
    WITH
        is_first AND fcr != '' AS known,
        ifNull(confirmed_at <= now64(6, 'UTC'), false) AS confirmed
    SELECT
        tenant, day, region, org_unit, product, service, channel, segment, agent,
        countIf(in_chain) AS contacts,
        countIf(is_first) AS first_contacts,
        countIf(known) AS fcr_n,
        countIf(fcr = 'yes') AS resolved_first,
        countIf(known AND confirmed) AS confirmed_n,
        countIf(fcr = 'yes' AND confirmed) AS confirmed_resolved,
        countIf(is_first AND NOT confirmed) AS provisional_n,
        countIf(is_first AND resolved = true) AS flagged,
        countIf(is_first AND NOT later) AS no_repeat,
        countIf(is_first AND episode = 1 AND resolved = true) AS one_touch,
        countIf(fcr_reason = 'not_resolved') AS failed_not_resolved,
        countIf(fcr_reason = 'repeat_contact') AS failed_repeat_contact,
        countIf(fcr_reason = 'reopened') AS failed_reopened,
        countIf(is_first AND resolved IS NULL) AS resolved_unknown,
        countIf(direction = 'inbound' AND NOT answered) AS abandoned,
        countIf(direction = 'outbound') AS outbound,
        count(says) AS customer_n,
        countIf(says) AS customer_yes
    FROM
    (
        SELECT
            tenant, day, region, org_unit, product, service, channel, segment, agent,
            direction, answered, in_chain, is_first, episode, later, fcr, fcr_reason, resolved, confirmed_at, CAST(NULL, 'Nullable(Bool)') AS says
        FROM rapport_store.contacts_by_day
        UNION ALL
        -- What customers say themselves, beside what they did: by the response's own day and attributes.
        SELECT
            tenant, day, region, org_unit, product, service, channel, segment, agent,
            '', true, false, false, 0, false, '', '', NULL, NULL, resolved_first_contact
        FROM rapport_store.survey_facts_by_day
        WHERE valid AND role = 'customer' AND resolved_first_contact IS NOT NULL
    )
    GROUP BY tenant, day, region, org_unit, product, service, channel, segment, agent
)
COMMENT 'First-contact resolution per tenant, day and attributes; counts can be added up, rates cannot.';
