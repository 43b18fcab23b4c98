package rollups

import (
	"bytes"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/schemas"
)

// TestAFindingInTheLogNamesNobody: the table has the chain, which an erasure blanks there; a log is out of its reach.
func TestAFindingInTheLogNamesNobody(t *testing.T) {
	r := newRig(t, fakeSettings{})
	var log bytes.Buffer
	s := NewSweeper(SweeperOptions{Conn: r.conn, Log: zerolog.New(&log)})
	if err := s.Mismatch(t.Context(), schemas.Day{Tenant: "acme", Date: "2026-03-01"}, "contact_outcomes", `differs: chain "customer=ann"`); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.String(), "contact_outcomes") || strings.Contains(log.String(), "ann") {
		t.Errorf("the log says %s", log.String())
	}
	var kept uint64
	if err := r.conn.QueryRow(t.Context(), "SELECT count() FROM rapport_store.audit_mismatches WHERE startsWith(detail, 'differs: ') AND position(detail, 'customer=ann') > 0").Scan(&kept); err != nil || kept != 1 {
		t.Errorf("%d findings kept with what an erasure looks for (%v), want 1", kept, err)
	}
}
