{{define "keys"}}phase, due_at{{end}}

{{define "join"}}ARRAY JOIN `due.name` AS phase, `due.at` AS due_time{{end}}

{{define "live"}}toUnixTimestamp64Micro(due_time) AS due_at,
            live AND NOT has(`reached.name`, phase) AS waiting{{end}}

{{define "held"}}countIf(waiting) > 0{{end}}

{{define "measures"}}countIf(waiting) AS `cells.n`{{end}}
