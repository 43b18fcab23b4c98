{{define "keys"}}questionnaire, questionnaire_version, role, dimension{{end}}

{{- /* Scores of dimensions and what answers say of expectation and importance are unfolded together, an answer as a score with denominator 0. */ -}}
{{define "says"}}arrayFilter((x, score, expectation, importance) -> isNotNull(score - expectation) OR isNotNull(importance), {{.}}, `answers.score`, `answers.expectation`, `answers.importance`){{end}}

{{define "join"}}ARRAY JOIN
            arrayConcat(`dimensions.dimension`, {{template "says" "`answers.dimension`"}}) AS dimension,
            arrayConcat(`dimensions.num`, arrayMap(x -> toInt64(0), {{template "says" "`answers.dimension`"}})) AS num,
            arrayConcat(`dimensions.den`, arrayMap(x -> toInt64(0), {{template "says" "`answers.dimension`"}})) AS den,
            arrayConcat(arrayMap(x -> CAST(NULL, 'Nullable(Int64)'), `dimensions.dimension`),
                arrayMap(x -> CAST(x, 'Nullable(Int64)'), {{template "says" "arrayMap((s, e) -> s - e, `answers.score`, `answers.expectation`)"}})) AS gap,
            arrayConcat(arrayMap(x -> CAST(NULL, 'Nullable(Int64)'), `dimensions.dimension`),
                arrayMap(x -> CAST(x, 'Nullable(Int64)'), {{template "says" "`answers.importance`"}})) AS importance{{end}}

{{define "live"}}NOT retracted AND NOT superseded AND valid AS counted{{end}}

{{define "held"}}countIf(counted AND (den > 0 OR gap IS NOT NULL OR importance IS NOT NULL)) > 0{{end}}

{{define "measures"}}countIf(den > 0 AND counted) AS `cells.n`,
            maxIf(den, counted) AS `cells.den`,
            sumIf(num, counted) AS `cells.num_sum`,
            sumIf(toInt128(num) * num, counted) AS `cells.num_sum_sq`,
            countIf(gap IS NOT NULL AND counted) AS `cells.gap_n`,
            sumIf(ifNull(gap, 0), counted) AS `cells.gap_sum`,
            sumIf(ifNull(gap * gap, 0), counted) AS `cells.gap_sum_sq`,
            countIf(importance IS NOT NULL AND counted) AS `cells.importance_n`,
            sumIf(ifNull(importance, 0), counted) AS `cells.importance_sum`,
            sumIf(ifNull(importance * importance, 0), counted) AS `cells.importance_sum_sq`{{end}}
