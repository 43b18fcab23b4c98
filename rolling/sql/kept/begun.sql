SELECT metric, questionnaire, detail, cut, cut_value, value, n, unit, formula
FROM rapport_store.rolling_history FINAL
WHERE tenant = {tenant:String} AND window = {window:String} AND as_of = {hour:DateTime('UTC')} AND lane = {lane:String}
