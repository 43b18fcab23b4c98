package e2e

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/rapport-project/rapport/internal/oracle"
)

// Differences holds the stored outcomes and rollups against the oracle's.
func (s *System) Differences(want oracle.Result) ([]oracle.Difference, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn := s.Conn()
	defer func() { _ = conn.Close() }()
	got, err := oracle.Load(ctx, conn)
	if err != nil {
		return nil, err
	}
	outcomes, err := oracle.LoadOutcomes(ctx, conn)
	if err != nil {
		return nil, err
	}
	return append(oracle.Compare(got, want.Rows()), oracle.CompareOutcomes(outcomes, want.Outcomes())...), nil
}

// Equals waits until outcomes and rollups equal the oracle's to the bit. All marks being answered is not enough: an id seen under two
// times is settled by the sweeper, whose round comes a little later.
func (s *System) Equals(want oracle.Result) {
	s.t.Helper()
	s.Drained()
	s.Eventually("equal to the oracle", func() error {
		ds, err := s.Differences(want)
		if err != nil {
			return err
		}
		if len(ds) > 0 {
			return fmt.Errorf("%s", oracle.Report(ds))
		}
		return nil
	})
}

// Unaudited checks that the figures are right by their marks: the sweeper found nothing that only it could mend.
func (s *System) Unaudited(t testing.TB) {
	t.Helper()
	var mismatches uint64
	if err := s.Conn().QueryRow(context.Background(), "SELECT count() FROM rapport_store.audit_mismatches").Scan(&mismatches); err != nil {
		t.Fatal(err)
	}
	if mismatches != 0 {
		t.Errorf("the sweeper counted %d mismatches that no mark excused, want 0", mismatches)
	}
}
