{{define "keys"}}questionnaire, questionnaire_version, role, dimension, reason, score{{end}}

{{- /* An answer that names a reason twice counts once; one without score is neither below satisfied nor above. */ -}}
{{define "join"}}ARRAY JOIN arrayFlatten(arrayMap((of, given, codes) -> arrayMap(code -> (of, assumeNotNull(given), code), if(given IS NULL, [], arrayDistinct(codes))),
            `answers.dimension`, `answers.score`, `answers.reasons`)) AS named{{end}}

{{define "live"}}named.1 AS dimension,
            named.2 AS score,
            named.3 AS reason,
            NOT retracted AND NOT superseded AND valid AS counted{{end}}

{{define "held"}}countIf(counted) > 0{{end}}

{{define "measures"}}countIf(counted) AS `cells.n`{{end}}
