INSERT INTO rapport_store.rolling (tenant, window, lane, cut, as_of, version, `cells.metric`, `cells.questionnaire`, `cells.detail`, `cells.cut_value`, `cells.value`, `cells.n`,
    `cells.n_excluded`, `cells.ci_low`, `cells.ci_high`, `cells.previous_value`, `cells.previous_n`, `cells.change`, `cells.significant`, `cells.provisional`, `cells.below_min_n`,
    `cells.unit`, `cells.formula`, `cells.label`)
