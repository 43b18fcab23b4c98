-- The tenant's alerts, the newest first, in pages by the key. The view folds all transitions of an alert, so what is asked for is asked of it as a whole.
SELECT alert_id, alert, `group`, state, metric, questionnaire, detail, window, cut, cut_value, started_at, fired_at, resolved_at, corrected_at, as_of,
    value, n, ci_low, ci_high, threshold, bound, confidence, previous_value, previous_n, unit, label_en, label_zh, movers, labels, annotations, explain
FROM rapport.alerts
WHERE tenant = {tenant:String} AND ({any_state:UInt8} OR state = {state:String}) AND fired_at >= {from:DateTime64(6, 'UTC')}
    AND ({first:UInt8} OR (fired_at, alert_id) < ({before:DateTime64(6, 'UTC')}, {before_id:String}))
ORDER BY fired_at DESC, alert_id DESC
LIMIT {rows:UInt64}
