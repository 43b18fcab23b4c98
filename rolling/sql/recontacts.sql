{{- /* Contacts by the whole days to the next one of their chain. */ -}}
SELECT {{template "slot"}}, '{{.Cut}}', {{template "value" .}}, toUInt32(intDiv(assumeNotNull(next_micros), 86400000000)) AS days, toUInt64(count())
FROM rapport_store.contact_outcomes FINAL
WHERE {{template "hours" .}} AND slot > 0 AND live AND next_micros IS NOT NULL
GROUP BY slot, value, days
