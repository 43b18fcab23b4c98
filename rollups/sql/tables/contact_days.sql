{{define "keys"}}{{end}}

{{define "live"}}live AND direction = 'inbound' AS offered_one,
            offered_one AND answered AS answered_one,
            live AND is_first AS first_one,
            answered_one AND wait_micros IS NOT NULL AS waited,
            assumeNotNull(ifNull(wait_micros, 0)) AS wait,
            answered_one AND (talk_micros IS NOT NULL OR hold_micros IS NOT NULL OR wrap_micros IS NOT NULL) AS handled,
            assumeNotNull(ifNull(talk_micros, 0) + ifNull(hold_micros, 0) + ifNull(wrap_micros, 0)) AS handling{{end}}

{{define "held"}}countIf(live) > 0{{end}}

{{define "measures"}}countIf(offered_one) AS `cells.offered`,
            countIf(answered_one) AS `cells.answered`,
            countIf(live AND in_service_level) AS `cells.in_service_level`,
            countIf(live AND direction = 'outbound') AS `cells.outbound`,
            countIf(waited) AS `cells.wait_n`,
            sumIf(wait, waited) AS `cells.wait_sum`,
            sumIf(toInt128(wait) * wait, waited) AS `cells.wait_sum_sq`,
            countIf(handled) AS `cells.handle_n`,
            sumIf(handling, handled) AS `cells.handle_sum`,
            sumIf(toInt128(handling) * handling, handled) AS `cells.handle_sum_sq`,
            countIf(live AND in_chain) AS `cells.contacts`,
            countIf(first_one) AS `cells.first_contacts`,
            countIf(first_one AND fcr != '') AS `cells.fcr_n`,
            countIf(first_one AND fcr = 'yes') AS `cells.resolved_first`,
            countIf(first_one AND fcr_reason = 'not_resolved') AS `cells.failed_not_resolved`,
            countIf(first_one AND fcr_reason = 'repeat_contact') AS `cells.failed_repeat_contact`,
            countIf(first_one AND fcr_reason = 'reopened') AS `cells.failed_reopened`,
            countIf(first_one AND resolved IS NULL) AS `cells.resolved_unknown`,
            countIf(first_one AND resolved = true) AS `cells.flagged`,
            countIf(first_one AND NOT later) AS `cells.no_repeat`,
            countIf(first_one AND episode = 1 AND resolved = true) AS `cells.one_touch`{{end}}
