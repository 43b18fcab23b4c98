-- The scores of dimensions are in the facts alone: neutral fills are in them.
SELECT questionnaire, dimension AS detail, avg(num / den) AS value, count() AS n
FROM rapport_store.survey_facts FINAL
ARRAY JOIN `dimensions.dimension` AS dimension, `dimensions.num` AS num, `dimensions.den` AS den
WHERE NOT retracted AND NOT superseded AND den > 0 AND {{template "valid" .}}
GROUP BY questionnaire, detail
ORDER BY questionnaire, detail
