{{- /* Scores of dimensions beside the score of the item overall of the same response. */ -}}
SELECT slot, '{{.Cut}}', value, toString(questionnaire), toString(dimension), num, den, assumeNotNull(overall), toUInt64(count())
FROM
(
    SELECT {{template "slot"}}, {{template "value" .}}, questionnaire, dimension, num, den, `answers.score`[indexOf(`answers.item`, 'overall')] AS overall
    FROM rapport_store.survey_facts FINAL
    ARRAY JOIN `dimensions.dimension` AS dimension, `dimensions.num` AS num, `dimensions.den` AS den
    WHERE {{template "responses" .}} AND valid AND den > 0 AND dimension != 'overall' AND has(`answers.item`, 'overall')
)
WHERE overall IS NOT NULL
GROUP BY slot, value, questionnaire, dimension, num, den, overall
