SELECT tenant, window, min(as_of), sum(length(`cells.n`))
FROM rapport_store.rolling FINAL
WHERE notEmpty(`cells.n`)
GROUP BY tenant, window
