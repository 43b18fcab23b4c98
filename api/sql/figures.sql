-- The present figures of a metric, a window and a cut, in pages by the key.
SELECT questionnaire, detail, cut_value, as_of, value, n, n_excluded, ci_low, ci_high, previous_value, change, significant, provisional,
    unit, toUInt32(version), previous_n, below_min_n, label
FROM rapport.rolling_metrics
WHERE tenant = {tenant:String} AND metric = {metric:String} AND window = {window:String} AND cut = {cut:String}
    AND ({any_questionnaire:UInt8} OR questionnaire = {questionnaire:String})
    AND ({any_detail:UInt8} OR detail = {detail:String})
    AND ({any_value:UInt8} OR has({cut_values:Array(String)}, cut_value))
    AND ({first:UInt8} OR (questionnaire, detail, cut_value) > ({after_questionnaire:String}, {after_detail:String}, {after_value:String}))
ORDER BY questionnaire, detail, cut_value
LIMIT {rows:UInt64}
