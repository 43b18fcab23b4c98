SELECT '' AS questionnaire, reason AS detail,
    100 * sum(opened) OVER (ORDER BY opened DESC, reason ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) / n AS value, sum(opened) OVER () AS n
FROM
(
    SELECT toString(reason) AS reason, count() AS opened
    FROM rapport.complaints
    WHERE {{template "complaints" .}}
    GROUP BY reason
)
ORDER BY detail
