SELECT occurred_at, 'rapport.survey.response.v1' AS type, toString(source) AS source, response_id AS id, '' AS entity, ifNull({{.Counts}}, false) AS counts,
    concat(questionnaire, ' version ', questionnaire_version, ', ', role, if(valid, '', ', not valid'),
        if(satisfaction_index IS NULL, '', concat(', index ', toString(round(assumeNotNull(satisfaction_index), 2)), ', ', level)),
        if(nps IS NULL, '', concat(', nps ', toString(assumeNotNull(nps)))), if(ces IS NULL, '', concat(', ces ', toString(assumeNotNull(ces)))),
        if(resolved_first_contact IS NULL, '', if(assumeNotNull(resolved_first_contact), ', resolved at first contact', ', not resolved at first contact'))) AS what
FROM rapport.survey_responses
WHERE {{template "span" .}} AND {{template "questionnaire" .}} AND {{.Cut}} AND role IN ({{.Roles}})
