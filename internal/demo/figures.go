package demo

import (
	"context"
	"fmt"
	"math"
	"text/tabwriter"
)

// figures shows the main figures of the thirty days, and the accounting.
func (s *story) figures(ctx context.Context) error {
	s.say("\n3. Last 30 days · 近30天")
	err := s.table(ctx, "questionnaire 问卷\tn 有效\tinvalid 无效\tindex 满意度\tCSAT top-2 满意率\tNPS (n) 净推荐值\tCES (n) 费力度",
		`SELECT questionnaire, sum(n), sum(n_invalid), sum(index_sum) / sum(index_n), 100 * sum(satisfied_n) / if(sum(index_n) = 0, 0, sum(n)),
			100 * (toInt64(sum(promoters)) - toInt64(sum(detractors))) / sum(nps_n), sum(nps_n), sum(ces_sum) / sum(ces_n), sum(ces_n)
		FROM rapport.satisfaction_by_cut_daily WHERE tenant = 'default' AND cut = '' GROUP BY questionnaire ORDER BY questionnaire`,
		func(scan func(...any) error) (string, error) {
			var name string
			var n, invalid, npsN, cesN uint64
			var index, csat, nps, ces float64
			err := scan(&name, &n, &invalid, &index, &csat, &nps, &npsN, &ces, &cesN)
			return fmt.Sprintf("%s\t%d\t%d\t%s\t%s\t%+.1f (%d)\t%.2f (%d)", name, n, invalid, scored("%.2f", index), scored("%.1f %%", csat), nps, npsN, ces, cesN), err
		})
	if err != nil {
		return err
	}
	s.say("")
	err = s.table(ctx, "after-sales-10 by region 按地区\tn\tindex 满意度\tCSAT top-2 满意率",
		`SELECT cut_value, sum(n), sum(index_sum) / sum(index_n), 100 * sum(satisfied_n) / sum(n)
		FROM rapport.satisfaction_by_cut_daily WHERE tenant = 'default' AND cut = 'region' AND questionnaire = 'after-sales-10' GROUP BY cut_value ORDER BY sum(n) DESC`,
		func(scan func(...any) error) (string, error) {
			var region string
			var n uint64
			var index, csat float64
			err := scan(&region, &n, &index, &csat)
			if region == "" {
				region = "(not stated 未填)"
			}
			return fmt.Sprintf("%s\t%d\t%.2f\t%.1f %%", region, n, index, csat), err
		})
	if err != nil {
		return err
	}
	if err := s.service(ctx); err != nil {
		return err
	}
	if err := s.rolling(ctx); err != nil {
		return err
	}
	return s.quality(ctx)
}

// quality shows the accounting.
func (s *story) quality(ctx context.Context) error {
	s.say("\n5. What came in · 数据质量")
	err := s.table(ctx, "topic 主题\treceived 收到\taccepted 接受\trejected 拒收\tlate 迟到\tdistinct 去重\tduplicates 重复\trevisions 修订\tconflicts 冲突\tunexplained 不明",
		`SELECT topic, toUInt64(received), toUInt64(accepted), toUInt64(rejected), toUInt64(late), toUInt64(stored), toInt64(duplicates), toUInt64(revisions), toUInt64(conflicts), toInt64(unexplained)
		FROM rapport.data_quality WHERE received > 0`,
		func(scan func(...any) error) (string, error) {
			var topic string
			var received, accepted, rejected, late, stored, revisions, conflicts uint64
			var duplicates, unexplained int64
			err := scan(&topic, &received, &accepted, &rejected, &late, &stored, &duplicates, &revisions, &conflicts, &unexplained)
			return fmt.Sprintf("%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d", topic, received, accepted, rejected, late, stored, duplicates, revisions, conflicts, unexplained), err
		})
	if err != nil {
		return err
	}
	s.say("")
	return s.table(ctx, "dead letters 死信\tcount\texample", `SELECT reason, count(), any(substring(concat(field, ' ', detail), 1, 90)) FROM rapport.dead_letters GROUP BY reason ORDER BY count() DESC, reason`,
		func(scan func(...any) error) (string, error) {
			var reason, example string
			var n uint64
			err := scan(&reason, &n, &example)
			return fmt.Sprintf("%s\t%d\t%s", reason, n, example), err
		})
}

// scored is a figure of scores; a questionnaire without items has none.
func scored(format string, x float64) string {
	if math.IsNaN(x) {
		return "–"
	}
	return fmt.Sprintf(format, x)
}

// table prints the rows of a query under a heading; format scans one row.
func (s *story) table(ctx context.Context, heading, query string, format func(scan func(...any) error) (string, error)) (err error) {
	rows, err := s.conn.Query(ctx, query)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := rows.Close(); err == nil {
			err = cerr
		}
	}()
	t := tabwriter.NewWriter(s.Out, 0, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(t, "   "+heading)
	for rows.Next() {
		line, err := format(rows.Scan)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintln(t, "   "+line)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return t.Flush()
}
