package demo

import (
	"context"
	"fmt"
	"time"
)

// rollingPatience is how long the demo waits for rolling figures to know all of the thirty days.
const rollingPatience = 2 * time.Minute

// rolling shows figures of the last 28 days with their uncertainty: what they rest on, how far they may be off, and whether they moved.
func (s *story) rolling(ctx context.Context) error {
	s.say("\n4. Rolling 28 days, with uncertainty · 滚动28天与置信区间")
	if err := s.rolled(ctx); err != nil {
		return err
	}
	return s.table(ctx, "metric 指标\tcut 维度\tvalue 数值\t95 % interval 置信区间\tn\twindow before 上一窗口\tdiffers 显著变化",
		`SELECT metric, if(cut = '', '', concat(cut, ' ', cut_value)), value, ci_low, ci_high, n, previous_value, significant
		FROM rapport.rolling_metrics
		WHERE tenant = 'default' AND window = '28d' AND value IS NOT NULL AND cut IN ('', 'region') AND cut_value != 'other' AND NOT below_min_n
			AND ((metric IN ('satisfaction_index', 'csat_top2', 'nps') AND questionnaire = 'after-sales-10') OR (cut = '' AND metric IN ('fcr', 'fcr_flagged', 'service_level')))
			AND (cut = '' OR (metric = 'csat_top2' AND cut_value != ''))
		ORDER BY metric, cut, value`,
		func(scan func(...any) error) (string, error) {
			var metric, cut string
			var value, low, high, before *float64
			var n uint64
			var significant bool
			err := scan(&metric, &cut, &value, &low, &high, &n, &before, &significant)
			differs := "no 否"
			if significant {
				differs = "yes 是"
			}
			return fmt.Sprintf("%s\t%s\t%s\t%s to %s\t%d\t%s\t%s", metric, cut, rounded(value), rounded(low), rounded(high), n, rounded(before), differs), err
		})
}

func rounded(x *float64) string {
	if x == nil {
		return "–"
	}
	return fmt.Sprintf("%.1f", *x)
}

// rolled waits until the rolling figures rest on all facts of their window.
func (s *story) rolled(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, rollingPatience, fmt.Errorf("rolling figures do not rest on all facts after %s", rollingPatience))
	defer cancel()
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		var done bool
		// Each figure of an overall cut beside the facts of its own window.
		err := s.conn.QueryRow(ctx, `SELECT count() > 0 AND countIf(n != facts) = 0 FROM
			(
				SELECT any(r.n) AS n, countIf(f.occurred_at > r.as_of - INTERVAL 28 DAY AND f.occurred_at <= r.as_of) AS facts
				FROM (SELECT questionnaire, as_of, n FROM rapport.rolling_metrics WHERE tenant = 'default' AND metric = 'csat_top2' AND window = '28d' AND cut = '') AS r
				INNER JOIN (SELECT questionnaire, occurred_at FROM rapport.survey_responses WHERE tenant = 'default' AND valid AND role = 'customer') AS f ON f.questionnaire = r.questionnaire
				GROUP BY r.questionnaire
			)`).Scan(&done)
		if err == nil && done {
			return nil
		}
		select {
		case <-ctx.Done():
			if err == nil {
				err = context.Cause(ctx)
			}
			return err
		case <-tick.C:
		}
	}
}
