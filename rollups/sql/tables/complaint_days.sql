{{define "keys"}}severity, category, reason{{end}}

{{- /* A complaint repeats if the one before it on the same subject was opened at most 30 days earlier. What is said of a subject anew after this was read
marks the day again. */ -}}
{{define "beside"}}
    repeats AS
    (
        SELECT tenant, complaint_id
        FROM
        (
            SELECT
                tenant, complaint_id, toUnixTimestamp64Micro(opened_at) AS opened,
                lagInFrame(opened, 1, -2592000000001) OVER (PARTITION BY tenant, customer_id, issue ORDER BY opened, complaint_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS previous
            FROM rapport_store.complaint_subjects FINAL
            WHERE {{template "subjects" .}} AND live
        )
        WHERE opened - previous <= 2592000000000
    ),{{end}}

{{define "live"}}arrayCount((n, a) -> has(`reached.name`, n) AND `reached.at`[indexOf(`reached.name`, n)] <= a, `due.name`, `due.at`) AS in_time,
            arrayCount((n, a) -> has(`reached.name`, n) AND `reached.at`[indexOf(`reached.name`, n)] > a, `due.name`, `due.at`) AS too_late,
            indexOf(`duration.name`, 'first_response') AS response,
            indexOf(`duration.name`, 'resolution') AS resolution,
            live AND response > 0 AS answered,
            live AND resolution > 0 AS solved,
            `duration.micros`[response] AS response_micros,
            `duration.micros`[resolution] AS resolution_micros{{end}}

{{define "held"}}countIf(live) > 0{{end}}

{{define "measures"}}countIf(live) AS `cells.opened`,
            countIf(live AND timely = true) AS `cells.timely_yes`,
            countIf(live AND timely = false) AS `cells.timely_no`,
            countIf(live AND (tenant, complaint_id) IN (SELECT tenant, complaint_id FROM repeats)) AS `cells.repeats`,
            countIf(live AND was_resolved) AS `cells.resolved`,
            countIf(live AND was_reopened) AS `cells.reopened`,
            countIf(live AND handling = 'very_satisfied') AS `cells.handling_very_satisfied`,
            countIf(live AND handling = 'satisfied') AS `cells.handling_satisfied`,
            countIf(live AND handling = 'mostly_satisfied') AS `cells.handling_mostly_satisfied`,
            countIf(live AND handling = 'not_very_satisfied') AS `cells.handling_not_very_satisfied`,
            countIf(live AND handling = 'dissatisfied') AS `cells.handling_dissatisfied`,
            countIf(live AND handling = 'unhandled') AS `cells.handling_unhandled`,
            sumIf(in_time, live) AS `cells.on_time`,
            sumIf(too_late, live) AS `cells.late`,
            countIf(answered) AS `cells.response_n`,
            sumIf(response_micros, answered) AS `cells.response_sum`,
            sumIf(toInt128(response_micros) * response_micros, answered) AS `cells.response_sum_sq`,
            countIf(solved) AS `cells.resolution_n`,
            sumIf(resolution_micros, solved) AS `cells.resolution_sum`,
            sumIf(toInt128(resolution_micros) * resolution_micros, solved) AS `cells.resolution_sum_sq`{{end}}
