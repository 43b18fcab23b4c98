SELECT cut, as_of, `cells.metric`, `cells.questionnaire`, `cells.detail`, `cells.cut_value`, `cells.value`, `cells.n`, `cells.unit`, `cells.formula`
FROM rapport_store.rolling_recorded FINAL
WHERE tenant = {tenant:String} AND window = {window:String} AND lane = {lane:String}
