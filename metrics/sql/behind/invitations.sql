SELECT occurred_at, 'rapport.survey.invitation.v1' AS type, toString(source) AS source, event_id AS id, '' AS entity, {{.Counts}} AS counts, concat('invited to ', questionnaire) AS what
FROM rapport.survey_invitations
WHERE {{template "span" .}} AND {{template "questionnaire" .}} AND {{.Cut}}
