-- What the statement of the registry makes of one figure. Metrics differ in the types of their columns.
SELECT CAST(value AS Nullable(Float64)), toUInt64(n)
FROM (explained)
WHERE questionnaire = {of_questionnaire:String} AND detail = {of_detail:String}
LIMIT 1
