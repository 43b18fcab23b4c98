package fold

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/ClickHouse/ch-go/proto"
	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/metrics"
	"github.com/rapport-project/rapport/tenants"
)

func decoded(tb testing.TB, of []byte) *Facts {
	tb.Helper()
	f := NewFacts(false)
	if more, err := f.Decode(proto.NewReader(bytes.NewReader(of)), revision); err != nil || !more {
		tb.Fatal(more, err)
	}
	return f
}

func fourDays() Days {
	return Days{"t0": {20000: 0, 20001: 1, 20002: 2, 20003: 3}, "t1": {20000: 4, 20001: 5, 20002: 6, 20003: 7}}
}

func folderOf(tb testing.TB, space *Space, slots Slots, blocks ...[]byte) *Folder {
	tb.Helper()
	f := NewFolder(space, slots)
	for _, b := range blocks {
		if err := f.Add(decoded(tb, b)); err != nil {
			tb.Fatal(err)
		}
	}
	return f
}

func spaceOf(tb testing.TB, cuts ...string) *Space {
	tb.Helper()
	s, err := NewSpace(cuts)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// text is everything that cells say.
func text(c *Cells) map[string]string {
	out := map[string]string{}
	say := func(cut, value string, key, sum any) {
		out[fmt.Sprintf("%T %q %q %v", key, cut, value, key)] = fmt.Sprint(sum)
	}
	c.Surveys(func(cut, value string, k metrics.SurveyKey, s metrics.Survey) { say(cut, value, k, s) })
	c.Dimensions(func(cut, value string, k metrics.DimensionKey, s metrics.Dimension) { say(cut, value, k, s) })
	c.Scores(func(cut, value string, k metrics.ScoreKey, n uint64) { say(cut, value, k, n) })
	c.Reasons(func(cut, value string, k metrics.ReasonKey, n uint64) { say(cut, value, k, n) })
	return out
}

// Cells of parts, added up in any order, are those of the whole; what was left out or added twice shows.
func TestPlus(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	parts := [][]byte{block(t, rng, 40), block(t, rng, 300), block(t, rng, 7)}
	space := spaceOf(t, everyCut...)
	whole := folderOf(t, space, fourDays(), parts...)
	for slot := range 8 {
		want := text(whole.Cells(slot))
		sum := newCells(space)
		for _, i := range []int{2, 0, 1} {
			sum.Plus(folderOf(t, space, fourDays(), parts[i]).Cells(slot))
			if same := cmp.Equal(want, text(sum)); same != (i == 1) {
				t.Errorf("slot %d after part %d: equal to the whole: %t", slot, i, same)
			}
		}
		if sum.Count != whole.Cells(slot).Count {
			t.Errorf("slot %d: %d facts, want %d", slot, sum.Count, whole.Cells(slot).Count)
		}
		sum.Plus(sum)
		if cmp.Equal(want, text(sum)) {
			t.Errorf("slot %d: twice the cells are the same", slot)
		}
	}
	if n := len(text(whole.Cells(0))); n < 1000 {
		t.Errorf("only %d cells", n)
	}
}

// The names of cells do not depend on what else a Space knows.
func TestSpacesAreAlike(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	first, second := block(t, rng, 200), block(t, rng, 100)
	learned := spaceOf(t, everyCut...)
	folderOf(t, learned, fourDays(), first)
	a, b := folderOf(t, learned, fourDays(), second), folderOf(t, spaceOf(t, everyCut...), fourDays(), second)
	for slot := range 8 {
		if diff := cmp.Diff(text(b.Cells(slot)), text(a.Cells(slot))); diff != "" {
			t.Errorf("slot %d:\n%.1000s", slot, diff)
		}
	}
}

func TestNewSpaceRefuses(t *testing.T) {
	for _, name := range []string{"country", "region,country", "region,product,agent", ",", "region,"} {
		if _, err := NewSpace([]string{"", name}); err == nil {
			t.Errorf("%q is taken for a cut", name)
		}
	}
}

func TestBounds(t *testing.T) {
	b := Bounds{At: []int64{10, 20, 30}, Slots: []int{3, -1, 5}}
	for micros, want := range map[int64]int{9: -1, 10: 3, 19: 3, 20: -1, 29: -1, 30: 5, 99: 5} {
		if got := b.Of("t").Slot(0, micros); got != want {
			t.Errorf("%d lies in slot %d, want %d", micros, got, want)
		}
	}
}

// Adding a block to cells that are there allocates next to nothing: at most one thing for twenty facts.
func TestAllocations(t *testing.T) {
	const facts = 2000
	b := decoded(t, block(t, rand.New(rand.NewPCG(5, 6)), facts))
	f := NewFolder(spaceOf(t, everyCut...), fourDays())
	add := func() {
		if err := f.Add(b); err != nil {
			t.Fatal(err)
		}
	}
	add()
	if n := testing.AllocsPerRun(5, add); n > facts/20 {
		t.Errorf("%.0f allocations for %d facts", n, facts)
	}
}

func BenchmarkAdd(b *testing.B) {
	const facts = 20_000
	f := decoded(b, block(b, rand.New(rand.NewPCG(5, 6)), facts))
	folder := NewFolder(spaceOf(b, append([]string{""}, tenants.Attributes()...)...), fourDays())
	b.ReportAllocs()
	for b.Loop() {
		folder.answers = 0
		if err := folder.Add(f); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/facts, "ns/fact")
}

func BenchmarkDecode(b *testing.B) {
	const facts = 20_000
	of := block(b, rand.New(rand.NewPCG(5, 6)), facts)
	f := NewFacts(false)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f.Decode(proto.NewReader(bytes.NewReader(of)), revision); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/facts, "ns/fact")
}

// FuzzDecode: whatever comes instead of a block is refused or folded, and nothing is read beyond what is there.
func FuzzDecode(f *testing.F) {
	rng := rand.New(rand.NewPCG(7, 8))
	good := block(f, rng, 3)
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Add([]byte{})
	for range 64 {
		bad := bytes.Clone(good)
		at := rng.IntN(len(bad))
		bad[at] ^= byte(1 << rng.IntN(8))
		f.Add(bad)
	}
	f.Fuzz(func(t *testing.T, of []byte) {
		facts := NewFacts(false)
		reader := proto.NewReader(bytes.NewReader(of))
		folder := NewFolder(spaceOf(t, everyCut...), fourDays())
		for {
			more, err := facts.Decode(reader, revision)
			if err != nil || !more {
				return
			}
			if err := folder.Add(facts); err != nil {
				return
			}
		}
	})
}

// Rows of a folder hold each day and cut once, however many blocks they come in, and whatever the pieces in which they are read.
func TestRowsReadInPieces(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	f := folderOf(t, spaceOf(t, everyCut...), fourDays(), block(t, rng, 500))
	var days []Day
	for tenant, of := range fourDays() {
		for date, slot := range of {
			days = append(days, Day{Slot: slot, Tenant: tenant, Date: date, Mark: uint64(slot)})
		}
	}
	for _, table := range []string{"satisfaction_days", "dimension_days", "score_days", "reason_days"} {
		read := func(piece int) []byte {
			rows, err := f.Rows(table, days)
			if err != nil {
				t.Fatal(err)
			}
			var all []byte
			buf := make([]byte, piece)
			for {
				n, err := rows.Read(buf)
				all = append(all, buf[:n]...)
				if err != nil {
					return all
				}
			}
		}
		whole := read(1 << 20)
		if !bytes.Equal(whole, read(7)) {
			t.Errorf("%s: read in small pieces it is something else", table)
		}
		// The block begins with the numbers of its columns and rows.
		_, n := binary.Uvarint(whole)
		if rows, _ := binary.Uvarint(whole[n:]); int(rows) != len(days)*len(everyCut) {
			t.Errorf("%s: %d rows, want %d", table, rows, len(days)*len(everyCut))
		}
	}
}
