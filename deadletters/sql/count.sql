SELECT toString(reason), source, toString(state), count(), min(ifNull(appended_at, received_at)), max(ifNull(appended_at, received_at))
FROM rapport.dead_letters
{{template "where"}}
GROUP BY reason, source, state
ORDER BY count() DESC, reason, source, state
