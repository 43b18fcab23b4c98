package audits

import (
	"context"
	"slices"

	"github.com/rapport-project/rapport/rollups"
	"github.com/rapport-project/rapport/schemas"
)

// chunkDays are compared between two signs of progress.
const chunkDays = 500

func (a *auditor) days(ctx context.Context) error {
	days, expired, err := a.Rollups.Days(ctx, a.Scope)
	if err != nil {
		return err
	}
	a.report.Days, a.report.Expired = len(days), expired
	var found []rollups.Difference
	for chunk := range slices.Chunk(days, chunkDays) {
		counts, more, err := a.Rollups.Compare(ctx, chunk)
		if err != nil {
			return err
		}
		for table, c := range counts {
			sum := a.counts[table]
			a.counts[table] = rollups.Compared{Rows: sum.Rows + c.Rows, Figures: sum.Figures + c.Figures}
		}
		found = append(found, more...)
		a.progress(len(chunk), 0)
	}
	sure, err := a.sureDays(ctx, found)
	if err != nil {
		return err
	}
	// Rows of a cut that a tenant has no more come from no facts, so that nothing pending explains them but marks, which were waited for.
	dropped, err := a.Rollups.DroppedCuts(ctx, a.Scope)
	if err != nil {
		return err
	}
	for i := range dropped {
		dropped[i].Detail = "the tenant has no such cut"
	}
	if err := a.Rollups.Explain(ctx, sure); err != nil {
		return err
	}
	changed, err := a.changed(ctx)
	if err != nil {
		return err
	}
	for _, d := range append(sure, dropped...) {
		if changed.Days[d.Day] {
			a.report.Later++
			continue
		}
		detail := d.Detail
		if detail == "" {
			detail = "differed, and was mended while it was looked at"
		}
		a.report.Findings = append(a.report.Findings, Finding{Table: d.Table, Tenant: d.Tenant, Day: d.Date, Cut: d.Cut, Detail: detail, Healed: d.Detail == ""})
	}
	return nil
}

// sureDays looks again at what differs until each difference is gone or sure.
func (a *auditor) sureDays(ctx context.Context, found []rollups.Difference) ([]rollups.Difference, error) {
	var sure []rollups.Difference
	for look := 1; len(found) > 0; look++ {
		if look == looks {
			a.report.Moving += len(found)
			break
		}
		days := daysOf(found)
		stamp, firm, err := a.Ground.Stamp(ctx)
		if err != nil {
			return nil, err
		}
		before, err := a.Rollups.Digest(ctx, days)
		if err != nil {
			return nil, err
		}
		if err := a.Settled(ctx); err != nil {
			return nil, err
		}
		_, again, err := a.Rollups.Compare(ctx, days)
		if err != nil {
			return nil, err
		}
		after, err := a.Rollups.Digest(ctx, days)
		if err != nil {
			return nil, err
		}
		stampNow, firmNow, err := a.Ground.Stamp(ctx)
		if err != nil {
			return nil, err
		}
		firm = firm && firmNow && stamp == stampNow
		a.report.Passed += max(0, len(found)-len(again))
		found = found[:0]
		for _, d := range again {
			if firm && before[d.Day] == after[d.Day] {
				sure = append(sure, d)
			} else {
				found = append(found, d)
			}
		}
	}
	return sure, nil
}

func daysOf(found []rollups.Difference) []schemas.Day {
	seen := map[schemas.Day]bool{}
	var days []schemas.Day
	for _, d := range found {
		if !seen[d.Day] {
			seen[d.Day] = true
			days = append(days, d.Day)
		}
	}
	return days
}
