package live

import (
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/rollups/fold"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
)

// TestKeeperEqualsFacts: whatever happens to the facts, what is kept of busy hours equals what a reading of them gives.
func TestKeeperEqualsFacts(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	w := newWorld(t, seed)
	plenty, little := New(Options{Conn: w.conn, Facts: 5}), New(Options{Conn: w.conn, Facts: 5, Bytes: 40_000})
	found := 0
	for round := range 60 {
		what := w.change()
		for name, k := range map[string]*Keeper{"plenty": plenty, "little": little} {
			k.Read("acme", theCuts, 5)
			if w.rng.IntN(2) == 0 {
				if _, err := k.Changes(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			kept, want := w.both(k)
			found += len(kept)
			if diff := cmp.Diff(want, kept); diff != "" {
				t.Fatalf("round %d, room %s, after %s (-facts +kept):\n%s", round, name, what, diff)
			}
		}
	}
	if found < 500 {
		t.Errorf("only %d cells were kept", found)
	}
}

// TestKeeperWithoutContent is the negative control: fingerprints that leave out what a correction changes are found.
func TestKeeperWithoutContent(t *testing.T) {
	w := newWorld(t, 1)
	k := New(Options{Conn: w.conn, Facts: 5})
	k.content = "retracted, superseded"
	for range 400 {
		w.change()
		k.Read("acme", theCuts, 5)
		if kept, want := w.both(k); !maps.EqualFunc(kept, want, func(a, b any) bool { return a == b }) {
			return
		}
	}
	t.Error("400 changes, and every sum is right")
}

// TestKeeperReadsWhatIsNew: a new fact is added to what is kept, without the hour being read again.
func TestKeeperReadsWhatIsNew(t *testing.T) {
	w := newWorld(t, 2)
	k := New(Options{Conn: w.conn, Facts: 5})
	write := func(rows ...schemas.SurveyFact) {
		t.Helper()
		if err := sinks.NewClickHouse(w.conn, sinks.Config{}, nil).Write(t.Context(), sinks.Batch{Responses: rows}); err != nil {
			t.Fatal(err)
		}
	}
	var first []schemas.SurveyFact
	for range 200 {
		first = append(first, w.fresh())
	}
	write(first...)
	k.Read("acme", theCuts, 200)
	w.both(k)
	all := func() { // hours
		k.Sum(t.Context(), "acme", theCuts, []Piece{{From: w.from.UnixMicro() + 1, To: w.from.Add(4*time.Hour).UnixMicro() + 1, Slot: 1}}, func(int, *fold.Cells) {})
	}
	all()
	before := k.whole.Load()
	if before == 0 {
		t.Fatal("no hour was read")
	}
	for range 5 {
		write(w.fresh(), first[3])
		if kept, want := w.both(k); !cmp.Equal(kept, want) {
			t.Fatal(cmp.Diff(want, kept))
		}
	}
	if now := k.whole.Load(); now != before {
		t.Errorf("%d hours were read again", now-before)
	}
	f := first[7]
	f.Revision++
	write(f)
	all()
	if now := k.whole.Load(); now != before+1 {
		t.Errorf("after a correction %d hours were read again, want 1", now-before)
	}
}

// TestKeeperOnPartsOfBefore: parts that were merged before block numbers were kept, and are merged with later ones, tell nothing wrong.
func TestKeeperOnPartsOfBefore(t *testing.T) {
	w := newWorld(t, 3)
	w.exec("ALTER TABLE rapport_store.survey_facts MODIFY SETTING enable_block_number_column = 0")
	write := func(n int) {
		t.Helper()
		var rows []schemas.SurveyFact
		for range n {
			rows = append(rows, w.fresh())
		}
		if err := sinks.NewClickHouse(w.conn, sinks.Config{}, nil).Write(t.Context(), sinks.Batch{Responses: rows}); err != nil {
			t.Fatal(err)
		}
	}
	write(100)
	write(100)
	w.exec("OPTIMIZE TABLE rapport_store.survey_facts FINAL")
	w.exec("ALTER TABLE rapport_store.survey_facts MODIFY SETTING enable_block_number_column = 1")
	k := New(Options{Conn: w.conn, Facts: 5})
	k.Read("acme", theCuts, 200)
	for range 6 {
		kept, want := w.both(k)
		if diff := cmp.Diff(want, kept); diff != "" {
			t.Fatalf("(-facts +kept):\n%s", diff)
		}
		write(10)
		w.exec("OPTIMIZE TABLE rapport_store.survey_facts FINAL")
	}
	if k.whole.Load() > 10 {
		t.Errorf("%d hours were read whole", k.whole.Load())
	}
}
