SELECT questionnaire, concat(dimension, ':', role) AS detail, avg(num / den) AS value, count() AS n
FROM rapport_store.survey_facts FINAL
ARRAY JOIN `dimensions.dimension` AS dimension, `dimensions.num` AS num, `dimensions.den` AS den
WHERE NOT retracted AND NOT superseded AND den > 0 AND valid AND role IN ('customer', 'employee', 'manager') AND {{template "span" .}} AND {{template "questionnaire" .}} AND {{.Cut}}
GROUP BY questionnaire, detail
ORDER BY questionnaire, detail
