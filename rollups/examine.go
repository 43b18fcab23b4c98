package rollups

import (
	"context"
	"time"

	"github.com/rapport-project/rapport/schemas"
)

// examine tells differences that are merely pending from mismatches, and marks their days either way.
//
// It is sure of a mismatch when: the facts are those of a look before; everything that was in Kafka after that look, of which
// the facts must have come, has been processed and committed, so that its marks are out; all marks out by then have been answered,
// so by rows that read these facts; no epoch changed and nothing was erased meanwhile; and the row still differs.
func (s *Sweeper) examine(ctx context.Context, found []Difference) error {
	days := daysOf(found)
	if len(days) == 0 {
		clear(s.suspects)
		return nil
	}
	erasures, err := s.erasures(ctx)
	if err != nil {
		return err
	}
	epochs, err := s.o.Epochs.load(ctx)
	if err != nil {
		return err
	}
	before, err := s.o.Recomputer.digest(ctx, days.sorted())
	if err != nil {
		return err
	}
	settled, err := s.awaitPending(ctx)
	if err != nil {
		return err
	}
	if !settled {
		s.suspect(days, nil)
		return s.mark(ctx, days)
	}
	found, err = s.o.Recomputer.Differences(ctx, days.sorted())
	if err != nil {
		return err
	}
	days = daysOf(found)
	after, err := s.o.Recomputer.digest(ctx, days.sorted())
	if err != nil {
		return err
	}
	calm, err := s.epochsUnchanged(ctx, epochs)
	if err != nil {
		return err
	}
	stateNow, err := s.erasures(ctx)
	if err != nil {
		return err
	}
	calm = calm && erasures != "" && stateNow == erasures
	var sure []Difference
	for _, d := range found {
		if calm && before[d.Day] == after[d.Day] {
			sure = append(sure, d)
		}
	}
	if err := s.report(ctx, sure); err != nil {
		return err
	}
	if err := s.heal(ctx, days, daysOf(sure)); err != nil {
		return err
	}
	s.suspect(days, daysOf(sure))
	return nil
}

// erasures names the state that erasures are in; empty while one takes facts away.
func (s *Sweeper) erasures(ctx context.Context) (string, error) {
	if s.o.Erasures == nil {
		return "none", nil
	}
	return s.o.Erasures(ctx)
}

// heal marks days, and raises the epoch of tenants for days that a mark did not heal: their rows have a version above that
// of any mark to come.
func (s *Sweeper) heal(ctx context.Context, days, sure daySet) error {
	stubborn := map[string]bool{}
	for d := range sure {
		if s.suspects[d] {
			stubborn[d.Tenant] = true
		}
	}
	for tenant := range stubborn {
		s.o.Log.Error().Str("tenant", tenant).Msg("marks do not heal a day: all days of the tenant are computed again in a new epoch")
		if err := s.o.Epochs.Raise(ctx, tenant); err != nil {
			return err
		}
	}
	return s.mark(ctx, days)
}

func (s *Sweeper) suspect(days, sure daySet) {
	clear(s.suspects)
	for d := range days {
		_, was := sure[d]
		s.suspects[d] = was
	}
}

// epochsUnchanged says whether the epochs are as they were, with all marks of theirs out.
func (s *Sweeper) epochsUnchanged(ctx context.Context, before map[string]epoch) (bool, error) {
	now, err := s.o.Epochs.load(ctx)
	if err != nil {
		return false, err
	}
	for tenant, row := range now {
		// A tenant entered since has no figures of an epoch before.
		was, known := before[tenant]
		if !row.marked || known && was != row || row.fingerprint != s.o.Epochs.fingerprint(tenant) && tenant != all {
			return false, nil
		}
	}
	return true, nil
}

// awaitPending waits until all that is in the event topics now has come to outcomes and rows; false if that takes longer than SweepWait. First it settles, so
// that what was settled, perhaps by a process that died of it, is marked: a fact that changed without a mark yet is pending too.
func (s *Sweeper) awaitPending(ctx context.Context) (bool, error) {
	if err := s.Settle(ctx); err != nil {
		return false, err
	}
	started := time.Now()
	defer func() { s.idle += time.Since(started) }()
	// Outcomes twice: a case that was reopened marks chains on the topic that it was marked on.
	stages := []Consumers{s.o.Processors, s.o.Outcomes, s.o.Outcomes, {s.o.Rollers, []string{schemas.TopicStaleDays}}}
	return AwaitPending(ctx, s.o.Positions, stages, s.o.SweepWait)
}
