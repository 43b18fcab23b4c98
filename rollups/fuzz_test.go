package rollups

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/rapport-project/rapport/tenants"
)

// FuzzParseMark: what anybody may have put on the topic is no mark, or a day that can be computed and that is marked again as it is.
func FuzzParseMark(f *testing.F) {
	f.Add([]byte(`{"tenant":"t","day":"2026-03-02"}`))
	f.Add([]byte(`{"tenant":"t","day":"1969-12-31","family":"cases"}`))
	f.Add([]byte(`{"tenant":"","day":"2026-02-30","family":"x"}`))
	f.Fuzz(func(t *testing.T, value []byte) {
		d, err := ParseMark(value)
		if err != nil {
			return
		}
		s, err := spanOf(tenants.Tenant{ID: d.Tenant, Zone: time.UTC}, d.Date, d.Family)
		if err != nil || s.endHour < s.firstHour || s.endHour-s.firstHour > 24 {
			t.Errorf("%+v spans hours %d to %d: %v", d, s.firstHour, s.endHour, err)
		}
		again, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := ParseMark(again); err != nil || back != d || string(keyOf(back)) != string(keyOf(d)) {
			t.Errorf("%+v comes back as %+v: %v", d, back, err)
		}
	})
}
