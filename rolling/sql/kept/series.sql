-- Overall figures first, of all tenants, then those of single attributes with the most observations, distributions and ranks after the others; pairs are too many to be watched, and
-- what states no value of an attribute is mostly the overall figure again.
SELECT tenant, metric, questionnaire, detail, window, cut, cut_value, value, n, ci_low, ci_high
FROM rapport.rolling_metrics
WHERE position(cut, ',') = 0 AND (cut = '' OR cut_value != '')
ORDER BY cut != '', metric IN ('score_share', 'level_share', 'recontact_days', 'rank'), n DESC, tenant, metric, questionnaire, detail, window, cut, cut_value
LIMIT {most:UInt64}
