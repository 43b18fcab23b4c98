package rollups

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSettleCompletesWhatViewsMissed: an insert of a superseding row came to its table and failed before the one sorted by chain.
func TestSettleCompletesWhatViewsMissed(t *testing.T) {
	r := newRig(t, fakeSettings{})
	const row = "INSERT INTO rapport_store.contact_facts (tenant, hour, source, id, revision, payload, occurred_at, chain, superseded) VALUES "
	r.exec(row + "('t', '2026-05-04 10:00:00', '/s', 'x', 0, 1, '2026-05-04 10:30:00', 'a', false)")
	r.exec(row + "('t', '2026-05-04 10:00:00', '/s', 'x', 1, 2, '2026-05-04 10:30:00', 'b', false)")
	const view = "rapport_store.contacts_to_chains"
	r.exec("DETACH TABLE " + view + " SYNC")
	r.exec(row + "('t', '2026-05-04 10:00:00', '/s', 'x', 1, 2, '2026-05-04 10:00:00', 'a', true)")
	r.exec("ATTACH TABLE " + view)
	for range 2 {
		if _, _, err := newSettler(r.conn, r.settings).settle(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	var live []string
	if err := r.conn.QueryRow(t.Context(), "SELECT groupArray(chain) FROM rapport_store.contacts_by_chain FINAL WHERE NOT superseded").Scan(&live); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"b"}, live); diff != "" {
		t.Errorf("chains in which the contact holds (-want +got):\n%s", diff)
	}
}
