-- Overall figures first, of all tenants, then those of single attributes with the most observations; pairs are too many to be watched.
SELECT tenant, metric, questionnaire, detail, window, cut, cut_value, value, n, ci_low, ci_high
FROM rapport.rolling_metrics
WHERE position(cut, ',') = 0
ORDER BY cut != '', n DESC, tenant, metric, questionnaire, detail, window, cut, cut_value
LIMIT {most:UInt64}
