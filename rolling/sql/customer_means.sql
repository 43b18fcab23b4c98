{{- /* Customers by the mean of their indexes, against the threshold of the greatest version among them, in whole numbers: each denominator's sum is cut
off at 18 places, so that the true sum lies less than one unit of that place above for each. That decides rightly wherever the least common multiple of the
denominators is below 10^11, for no mean lies closer to a threshold of 6 places without being it. */ -}}
SELECT
    slot, '{{.Cut}}', value, toString(questionnaire),
    toUInt64(countIf(customer_id != '' AND threshold >= 0)),
    toUInt64(countIf(customer_id != '' AND threshold >= 0 AND parts + denominators > toInt128(threshold) * 1000000000000 * responses)),
    toUInt64(sumIf(responses, customer_id = ''))
FROM
(
    SELECT
        slot, value, questionnaire, customer_id,
        sum(intDiv(toInt128(num) * 1000000000000000000, index_den)) AS parts,
        toInt128(count()) AS denominators,
        sum(n) AS responses,
        transform(concat(toString(questionnaire), ' ', max(newest)), {versions:Array(String)}, {thresholds:Array(Int64)}, toInt64(-1)) AS threshold
    FROM
    (
        SELECT {{template "slot"}}, {{template "value" .}}, questionnaire, customer_id, index_den, sum(index_num) AS num, count() AS n, max(toString(questionnaire_version)) AS newest
        FROM rapport_store.survey_facts FINAL
        WHERE {{template "responses" .}} AND valid AND index_den > 0
        GROUP BY slot, value, questionnaire, customer_id, index_den
    )
    GROUP BY slot, value, questionnaire, customer_id
)
GROUP BY slot, value, questionnaire
