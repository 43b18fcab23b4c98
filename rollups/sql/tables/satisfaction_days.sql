{{define "keys"}}questionnaire, questionnaire_version, role{{end}}

{{define "live"}}NOT retracted AND NOT superseded AS live,
            live AND valid AS counted{{end}}

{{define "held"}}countIf(live) > 0{{end}}

{{define "measures"}}countIf(counted) AS `cells.n`,
            countIf(live AND NOT valid) AS `cells.n_invalid`,
            countIf(index_den > 0 AND counted) AS `cells.index_n`,
            maxIf(index_den, index_den > 0 AND counted) AS `cells.index_den`,
            sumIf(index_num, index_den > 0 AND counted) AS `cells.index_sum`,
            sumIf(toInt128(index_num) * index_num, index_den > 0 AND counted) AS `cells.index_sum_sq`,
            countIf(level = 'very_satisfied' AND counted) AS `cells.very_satisfied`,
            countIf(level = 'satisfied' AND counted) AS `cells.satisfied`,
            countIf(level = 'neutral' AND counted) AS `cells.neutral`,
            countIf(level = 'dissatisfied' AND counted) AS `cells.dissatisfied`,
            countIf(level = 'very_dissatisfied' AND counted) AS `cells.very_dissatisfied`,
            countIf(nps >= 9 AND counted) AS `cells.promoters`,
            countIf(nps BETWEEN 7 AND 8 AND counted) AS `cells.passives`,
            countIf(nps <= 6 AND counted) AS `cells.detractors`,
            countIf(ces IS NOT NULL AND counted) AS `cells.ces_n`,
            sumIf(ifNull(ces, 0), counted) AS `cells.ces_sum`,
            sumIf(toInt64(ifNull(ces, 0)) * ifNull(ces, 0), counted) AS `cells.ces_sum_sq`,
            countIf(repurchase IS NOT NULL AND counted) AS `cells.repurchase_n`,
            sumIf(ifNull(repurchase, 0), counted) AS `cells.repurchase_sum`,
            countIf(resolved_first_contact = true AND counted) AS `cells.resolved_yes`,
            countIf(resolved_first_contact = false AND counted) AS `cells.resolved_no`{{end}}
