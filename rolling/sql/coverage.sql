{{- /* Customers with their contacts and the questionnaires that they answered. The last of the sums keeps a questionnaire that covers nobody. */ -}}
SELECT slot, '{{.Cut}}', value, sums.1[i], customers, sums.2[i], contacts, sums.3[i]
FROM
(
    SELECT
        slot, value,
        toUInt64(countIf(n > 0)) AS customers,
        toUInt64(sum(n)) AS contacts,
        sumMap(answered, arrayMap(q -> toUInt64(n > 0), answered), arrayMap(q -> toUInt64(n), answered), arrayMap(q -> toUInt64(1), answered)) AS sums
    FROM
    (
        SELECT slot, value, customer_id, sum(contact) AS n, groupUniqArrayIf(questionnaire, contact = 0) AS answered
        FROM
        (
            SELECT {{template "slot"}}, {{template "value" .}}, customer_id, toUInt64(1) AS contact, '' AS questionnaire
            FROM rapport_store.contact_outcomes FINAL
            WHERE {{template "hours" .}} AND slot > 0 AND live AND customer_id != ''
            UNION ALL
            SELECT {{template "slot"}}, {{template "value" .}}, customer_id, toUInt64(0), toString(questionnaire)
            FROM rapport_store.survey_facts FINAL
            WHERE {{template "responses" .}} AND valid
        )
        GROUP BY slot, value, customer_id
    )
    GROUP BY slot, value
)
ARRAY JOIN arrayEnumerate(sums.1) AS i
