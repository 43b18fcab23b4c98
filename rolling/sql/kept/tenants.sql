SELECT DISTINCT tenant FROM rapport_store.rolling FINAL WHERE notEmpty(`cells.n`)
UNION DISTINCT
SELECT DISTINCT tenant FROM rapport_store.rolling_recorded FINAL WHERE notEmpty(`cells.n`)
