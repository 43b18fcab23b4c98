{{define "keys"}}questionnaire, questionnaire_version, role, dimension{{end}}

{{define "live"}}NOT retracted AND NOT superseded AND valid AS counted{{end}}

{{define "held"}}countIf(counted) > 0{{end}}

{{define "join"}}ARRAY JOIN `dimensions.dimension` AS dimension, `dimensions.num` AS num, `dimensions.den` AS den{{end}}

{{define "measures"}}countIf(counted) AS `cells.n`,
            maxIf(den, counted) AS `cells.den`,
            sumIf(num, counted) AS `cells.num_sum`,
            sumIf(toInt128(num) * num, counted) AS `cells.num_sum_sq`{{end}}
