{{define "keys"}}questionnaire, questionnaire_version, role, dimension, item, score{{end}}

{{define "join"}}ARRAY JOIN `answers.dimension` AS dimension, `answers.item` AS item, `answers.score` AS given{{end}}

{{define "live"}}assumeNotNull(given) AS score,
            NOT retracted AND NOT superseded AND valid AND given IS NOT NULL AS counted{{end}}

{{define "held"}}countIf(counted) > 0{{end}}

{{define "measures"}}countIf(counted) AS `cells.n`{{end}}
