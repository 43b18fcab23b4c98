-- A sum of whole numbers over one denominator, divided once to 18 places and rounded to 15, is exact enough for a comparison with a threshold of 6.
WITH thresholds AS (SELECT row.1 AS questionnaire, row.2 AS version, toDecimal128(row.3, 18) AS threshold FROM (SELECT arrayJoin({{.Thresholds}}) AS row))
SELECT questionnaire, '' AS detail, 100 * countIf(round(index_sum / responses, 15) >= threshold) / n AS value, count() AS n
FROM
(
    SELECT questionnaire, customer_id, toString(max(questionnaire_version)) AS newest, count() AS responses, sumMap([index_den], [index_num]) AS sums,
        arraySum((den, num) -> toDecimal128(num, 18) / den, sums.1, sums.2) AS index_sum
    FROM rapport_store.survey_facts FINAL
    WHERE NOT retracted AND NOT superseded AND index_den > 0 AND customer_id != '' AND {{template "valid" .}}
    GROUP BY questionnaire, customer_id
) AS customers
INNER JOIN thresholds ON thresholds.questionnaire = customers.questionnaire AND thresholds.version = customers.newest
GROUP BY questionnaire
ORDER BY questionnaire, detail
