package alerts

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/store/storetest"
)

// TestErasedTenant: of tenants without events those that have alerts are judged on, but one that was erased is not, and what was stored of it too late goes.
func TestErasedTenant(t *testing.T) {
	conn := storetest.Start(t)
	f, store, now := &fake{}, NewStored(conn), start
	text := "groups:\n  - {name: g, rules: [{alert: low, metric: csat_top2, window: 1h, below: 80}]}\n"
	for _, tenant := range []string{"erased", "seeking", "left"} {
		f.add(tenant, draw(rand.New(rand.NewPCG(1, 1)), start.Add(-time.Minute), 10, 0, nil)...)
		f.add(tenant, draw(rand.New(rand.NewPCG(1, 1)), start.Add(time.Minute), 90, 1, nil)...)
	}
	if err := evaluator(t, rules(t, nil, text), nil, f, store, &now, "erased", "seeking", "left").Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		"INSERT INTO rapport_store.erasures (id, scope, state, tenant) VALUES ('1', 'tenant', 'done', 'erased'), ('2', 'tenant', 'seeking', 'seeking'), ('3', 'customer', 'done', 'left')",
		"INSERT INTO rapport_store.alert_deliveries (receiver, tenant, alert_id) VALUES ('slack', 'erased', 'a'), ('slack', 'left', 'b')",
	} {
		if err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	e := evaluator(t, rules(t, nil, text), nil, f, store, &now)
	round := func(name string) {
		t.Helper()
		now = now.Add(time.Minute)
		if err := e.Round(t.Context()); err != nil {
			t.Fatal(err)
		}
		told, err := store.Transitions(t.Context(), "", start.Add(-time.Hour), now)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string][]Change{}
		for _, x := range told {
			got[x.Tenant] = append(got[x.Tenant], x.Change)
		}
		if diff := cmp.Diff(map[string][]Change{"seeking": {Fired, Resolved}, "left": {Fired, Resolved}}, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		for sql, want := range map[string]uint64{
			"alert_states WHERE tenant = 'erased'": 0, "alert_deliveries WHERE tenant = 'erased'": 0, "alert_deliveries": 1,
		} {
			if n := count(t, conn, "SELECT count() FROM rapport_store."+sql); n != want {
				t.Errorf("%s: %d rows in %s, want %d", name, n, sql, want)
			}
		}
	}
	round("alive")
	late := State{At: now, Ended: []Alert{{Key: Key{Alert: "low"}, Life: Life{Status: Firing}, EndedAt: now}}}
	if err := store.Save(t.Context(), Evaluation{Tenant: "erased", Group: "g", State: late}); err != nil {
		t.Fatal(err)
	}
	round("stored too late, and over")
}
