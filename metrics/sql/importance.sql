WITH
    {{template "importance" .}}
SELECT questionnaire, dimension AS detail, value, n
FROM importance
ORDER BY questionnaire, detail
