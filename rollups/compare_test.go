package rollups

import (
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/schemas"
)

// compares checks that Compare finds what Differences does, says how much it looked at, and that Explain names the column.
func (r *rig) compares(day schemas.Day, want []Difference) {
	r.t.Helper()
	days, expired, err := r.recomputer.Days(r.t.Context(), Scope{Tenant: day.Tenant, From: Bound{Date: day.Date}, To: Bound{At: time.Now()}})
	if err != nil || expired != 0 || len(days) != 1 || days[0] != day {
		r.t.Fatalf("days %v, %d expired, %v", days, expired, err)
	}
	counts, found, err := r.recomputer.Compare(r.t.Context(), days)
	if err != nil {
		r.t.Fatal(err)
	}
	if diff := cmp.Diff(want, found); diff != "" {
		r.t.Fatalf("compare (-want +got):\n%s", diff)
	}
	for _, table := range []string{SatisfactionDays, DimensionDays} {
		if c := counts[table]; c.Rows != 8 || c.Figures == 0 {
			r.t.Fatalf("%s: %+v compared, want the 8 rows of its cuts, with figures", table, c)
		}
	}
	if err := r.recomputer.Explain(r.t.Context(), found); err != nil || !strings.Contains(found[0].Detail, ": n stored 51, recomputed 50") {
		r.t.Fatalf("explained as %q, %v", found[0].Detail, err)
	}
	for _, scope := range []Scope{{Tenant: "other"}, {From: Bound{Date: "2026-05-05"}}, {To: Bound{At: at(r.t, "2026-05-03T23:59:59Z")}}} {
		if days, _, err := r.recomputer.Days(r.t.Context(), scope); err != nil || len(days) != 0 {
			r.t.Fatalf("%+v: %v %v", scope, days, err)
		}
	}
}
