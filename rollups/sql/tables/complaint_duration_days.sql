{{define "keys"}}duration, clock, bucket{{end}}

{{define "join"}}{{template "spread_durations" .}}{{end}}

{{define "live"}}span.1 AS duration,
            {{template "bucket" .}}{{end}}

{{define "held"}}countIf(live) > 0{{end}}

{{define "measures"}}countIf(live) AS `cells.n`{{end}}
