package rolling

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/rapport-project/rapport/metrics"
	"github.com/rapport-project/rapport/rolling/live"
	"github.com/rapport-project/rapport/rollups"
	"github.com/rapport-project/rapport/rollups/fold"
	"github.com/rapport-project/rapport/tenants"
)

// surveyStates are the kinds of states that one pass over survey facts gives.
func surveyStates() []metrics.State {
	return []metrics.State{metrics.Surveys, metrics.Dimensions, metrics.Scores, metrics.Reasons}
}

// surveys adds what lies in the pieces of a plan, of all kinds of states of surveys that are asked for: from the sums of busy hours where they are kept, the
// rest from facts, read once. A connection that gives no blocks leaves it to statements.
func (c *Computer) surveys(ctx context.Context, t tenants.Tenant, p plan, a *answer) error {
	if len(p.pieces) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, c.o.Timeout)
	defer cancel()
	left := make([]live.Piece, len(p.pieces))
	for i, n := range p.pieces {
		left[i] = live.Piece{From: n.from, To: n.to, Slot: n.slot}
	}
	take := func(slot int, cells *fold.Cells) { a.takeCells(cells, p.slots[slot-1]) }
	if c.o.Live != nil {
		var err error
		if left, err = c.o.Live.Sum(ctx, t.ID, a.q.Cuts, left, take); err != nil {
			return fmt.Errorf("surveys of busy hours: %w", err)
		}
		slices.SortFunc(left, func(a, b live.Piece) int { return int(a.From - b.From) })
	}
	rest := p
	rest.pieces = nil
	for _, n := range left {
		rest.pieces = append(rest.pieces, piece{from: n.From, to: n.To, slot: n.Slot})
	}
	err := c.foldPieces(ctx, t, rest, a, take)
	if !errors.Is(err, rollups.ErrNoFold) {
		return err
	}
	for _, state := range surveyStates() {
		if slices.Contains(a.rests, state) {
			if err := c.read(ctx, t, readerOf(state), pieces, rest, a); err != nil {
				return err
			}
		}
	}
	return nil
}

// foldPieces reads the facts of pieces.
func (c *Computer) foldPieces(ctx context.Context, t tenants.Tenant, p plan, a *answer, take func(slot int, cells *fold.Cells)) error {
	if len(p.pieces) == 0 {
		return nil
	}
	space, err := fold.NewSpace(a.q.Cuts)
	if err != nil {
		return err
	}
	at, slots, first, end := runsOf(p.pieces)
	bounds := fold.Bounds{At: at}
	for _, s := range slots {
		bounds.Slots = append(bounds.Slots, int(s)-1)
	}
	hours := make([]rollups.Hours, len(first))
	for i := range first {
		hours[i] = rollups.Hours{First: first[i], End: end[i]}
	}
	folder := fold.NewFolder(space, bounds)
	if err := rollups.FoldFacts(ctx, c.o.Conn, t.ID, hours, false, folder); err != nil {
		return err
	}
	for slot := range p.slots {
		if cells := folder.Cells(slot); cells != nil {
			take(slot+1, cells)
		}
	}
	if c.o.Live != nil {
		c.o.Live.Read(t.ID, a.q.Cuts, folder.Facts())
	}
	return nil
}

// takeCells adds the cells of a slot to all its spans.
func (a *answer) takeCells(c *fold.Cells, members []member) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if slices.Contains(a.rests, metrics.Surveys) {
		c.Surveys(adder(a, members, surveyMeasures, func(s *metrics.States) *map[metrics.SurveyKey]metrics.Survey { return &s.Surveys }))
	}
	if slices.Contains(a.rests, metrics.Dimensions) {
		c.Dimensions(adder(a, members, dimensionMeasures, func(s *metrics.States) *map[metrics.DimensionKey]metrics.Dimension { return &s.Dimensions }))
	}
	if slices.Contains(a.rests, metrics.Scores) {
		c.Scores(adder(a, members, count, func(s *metrics.States) *map[metrics.ScoreKey]uint64 { return &s.Scores }))
	}
	if slices.Contains(a.rests, metrics.Reasons) {
		c.Reasons(adder(a, members, count, func(s *metrics.States) *map[metrics.ReasonKey]uint64 { return &s.Reasons }))
	}
}

// adder adds one kind of cells to the states of spans, as a reader of a table adds its rows. The caller holds mu.
func adder[K comparable, V any](a *answer, members []member, measures func(*V) []column, of func(*metrics.States) *map[K]V) func(cut, value string, key K, v V) {
	var row, sum V
	rows, sums := measures(&row), measures(&sum)
	return func(cut, value string, key K, v V) {
		if a.states[cut] == nil {
			return // kept, and not asked for
		}
		value = a.over.show(cut, value)
		row = v
		for _, in := range members {
			m := of(a.at(cut, value, in.span))
			if *m == nil {
				*m = map[K]V{}
			}
			sum = (*m)[key]
			plus(sums, rows, in.minus)
			(*m)[key] = sum
		}
	}
}
