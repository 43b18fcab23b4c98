package rollups

import (
	"testing"
)

// TestServiceViewsAgree: views that read rollups say by region what views that read outcomes say, in every time zone.
func TestServiceViewsAgree(t *testing.T) {
	settings := odd(t)
	r := newRig(t, settings)
	c := newCompany(settings, 11)
	for i := range 150 {
		c.addContact(i)
		c.addCase(i)
		c.addComplaint(i)
	}
	c.write(r)
	r.recompute(5, c.days.sorted()...)
	for _, test := range []struct{ byCut, daily, key, sums string }{
		{"contact_by_cut_daily", "contact_daily", "", `sum(n), sum(offered), sum(answered), sum(abandoned), sum(outbound), sum(in_service_level), sum(wait_n), round(sum(wait_seconds_sum), 2), sum(handle_n), round(sum(handle_seconds_sum), 2)`},
		{"contact_by_cut_daily", "fcr_daily", "", `sum(contacts), sum(first_contacts), sum(repeats), sum(fcr_n), sum(resolved_first), sum(flagged), sum(no_repeat), sum(one_touch),
			sum(failed_not_resolved), sum(failed_repeat_contact), sum(failed_reopened), sum(resolved_unknown), sum(abandoned), sum(outbound)`},
		{"timeliness_by_cut_daily", "timeliness_daily", "milestone, ", `sum(cases), sum(reached), sum(on_time), sum(late), sum(overdue), sum(n), round(sum(seconds_sum), 2), sum(working_n), round(sum(working_seconds_sum), 2)`},
		{"complaints_by_cut_daily", "complaints_daily", "", `sum(opened), sum(major), sum(repeats), sum(resolved), sum(reopened), sum(timely_n), sum(timely_yes), sum(on_time), sum(late), sum(overdue),
			sum(handling_n), sum(handling_score_sum), sum(response_n), sum(resolution_n)`},
	} {
		byCut := "(SELECT tenant, day, cut_value, " + test.key + test.sums + " FROM (SELECT * FROM rapport." + test.byCut + ") WHERE cut = 'region' GROUP BY tenant, day, " + test.key + "cut_value)"
		daily := "(SELECT tenant, day, region, " + test.key + test.sums + " FROM rapport." + test.daily + " GROUP BY tenant, day, " + test.key + "region)"
		for _, order := range [][2]string{{byCut, daily}, {daily, byCut}} {
			var rows, strange uint64
			if err := r.conn.QueryRow(t.Context(), "SELECT count() FROM "+order[0]).Scan(&rows); err != nil {
				t.Fatalf("%s: %v", test.byCut, err)
			}
			if err := r.conn.QueryRow(t.Context(), "SELECT count() FROM (SELECT * FROM "+order[0]+" EXCEPT SELECT * FROM "+order[1]+")").Scan(&strange); err != nil {
				t.Fatalf("%s: %v", test.byCut, err)
			}
			if rows < 10 || strange > 0 {
				t.Errorf("%s and %s: %d of %d rows differ", test.byCut, test.daily, strange, rows)
			}
		}
	}
	// Means are of the sums, and rates of their parts.
	var wrong uint64
	err := r.conn.QueryRow(t.Context(), `SELECT
		(SELECT countIf(abs(mean_seconds - seconds_sum / n) > 1e-6 OR on_time_rate != 100 * on_time / (on_time + late + overdue)) FROM rapport.timeliness_by_cut_daily) +
		(SELECT countIf(fcr != 100 * resolved_first / fcr_n OR abs(aht - handle_seconds_sum / handle_n) > 1e-3) FROM rapport.contact_by_cut_daily)`).Scan(&wrong)
	if err != nil || wrong > 0 {
		t.Errorf("%d rates are not of their parts (%v)", wrong, err)
	}
}
