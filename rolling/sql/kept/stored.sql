SELECT cut, as_of, version, `cells.metric`, `cells.questionnaire`, `cells.detail`, `cells.cut_value`, `cells.value`, `cells.n`, `cells.ci_low`, `cells.ci_high`, `cells.unit`, `cells.formula`, `cells.label`
FROM rapport_store.rolling FINAL
WHERE tenant = {tenant:String} AND window = {window:String} AND lane = {lane:String}
