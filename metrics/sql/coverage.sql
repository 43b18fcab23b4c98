-- A customer is covered by the questionnaires of which there is a valid response in the window and the cut.
WITH
    customers AS
    (
        SELECT customer_id, count() AS contacts
        FROM rapport.contacts
        WHERE {{template "contacts" .}} AND customer_id != ''
        GROUP BY customer_id
    ),
    (SELECT count() FROM customers) AS all_customers,
    (SELECT sum(contacts) FROM customers) AS all_contacts
SELECT questionnaire, what AS detail, if(what = '', 100 * covered / all_customers, 100 * covered_contacts / all_contacts) AS value, if(what = '', all_customers, all_contacts) AS n
FROM
(
    SELECT answered.questionnaire AS questionnaire, countIf(customers.contacts > 0) AS covered, sum(customers.contacts) AS covered_contacts
    FROM
    (
        SELECT DISTINCT questionnaire, customer_id
        FROM rapport.survey_responses
        WHERE {{template "valid" .}}
    ) AS answered
    LEFT JOIN customers ON customers.customer_id = answered.customer_id
    GROUP BY questionnaire
)
ARRAY JOIN ['', 'volume'] AS what
WHERE n > 0
ORDER BY questionnaire, detail
