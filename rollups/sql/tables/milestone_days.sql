{{define "keys"}}milestone{{end}}

{{define "join"}}ARRAY JOIN arrayConcat([''], arrayFilter(m -> m NOT IN ('requested', 'reopened'),
            arrayDistinct(arrayConcat(`reached.name`, `due.name`, `duration.name`)))) AS milestone{{end}}

{{- /* An index of 0, of a name that is not there, gives the zero of the element's type. */ -}}
{{define "live"}}indexOf(`reached.name`, milestone) AS reach_index,
            indexOf(`due.name`, milestone) AS due_index,
            indexOf(`duration.name`, milestone) AS duration_index,
            live AND reach_index > 0 AND due_index > 0 AS timed,
            `reached.at`[reach_index] <= `due.at`[due_index] AS in_time,
            live AND duration_index > 0 AS lasted,
            `duration.micros`[duration_index] AS micros,
            lasted AND `duration.working_micros`[duration_index] IS NOT NULL AS worked,
            assumeNotNull(ifNull(`duration.working_micros`[duration_index], 0)) AS working{{end}}

{{define "held"}}countIf(live) > 0{{end}}

{{- /* The cell without a milestone is of the cases themselves: how many were resolved, and how many of them reopened. */ -}}
{{define "measures"}}countIf(live) AS `cells.cases`,
            countIf(live AND multiIf(milestone = '', was_resolved, reach_index > 0 OR milestone = 'first_response')) AS `cells.reached`,
            countIf(timed AND in_time) AS `cells.on_time`,
            countIf(timed AND NOT in_time OR live AND milestone = '' AND was_reopened) AS `cells.late`,
            countIf(lasted) AS `cells.n`,
            sumIf(micros, lasted) AS `cells.sum`,
            sumIf(toInt128(micros) * micros, lasted) AS `cells.sum_sq`,
            countIf(worked) AS `cells.working_n`,
            sumIf(working, worked) AS `cells.working_sum`,
            sumIf(toInt128(working) * working, worked) AS `cells.working_sum_sq`{{end}}
