INSERT INTO rapport_store.rolling_history (tenant, metric, window, cut, as_of, questionnaire, detail, cut_value, version, lane, value, n, n_excluded, ci_low, ci_high,
    previous_value, previous_n, change, significant, provisional, below_min_n, unit, formula, label)
