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

// revision of the protocol in which the blocks of tests are written.
const revision = proto.Version

// block makes up facts of n responses to a questionnaire of ten items, as the server writes them.
func block(tb testing.TB, rng *rand.Rand, n int) []byte {
	tb.Helper()
	texts := func(pick func(i int) string) *proto.ColLowCardinality[string] {
		c := new(proto.ColStr).LowCardinality()
		for i := range n {
			c.Append(pick(i))
		}
		return c
	}
	one := func(text string) func(int) string { return func(int) string { return text } }
	among := func(name string, values int) func(int) string {
		return func(int) string { return fmt.Sprint(name, rng.IntN(values)) }
	}
	input := proto.Input{{Name: "tenant", Data: texts(among("t", 2))}}
	day, micros := new(proto.ColInt32), new(proto.ColInt64)
	for i := range n {
		day.Append(int32(20000 + i*4/n))
		micros.Append(int64(i))
	}
	input = append(input, proto.InputColumn{Name: "day", Data: day}, proto.InputColumn{Name: "micros", Data: micros})
	for i, a := range tenants.Attributes() {
		input = append(input, proto.InputColumn{Name: a, Data: texts(among(a, []int{4, 30, 20, 1, 5, 3, 500}[i]))})
	}
	bools := func(share int) *proto.ColBool {
		c := new(proto.ColBool)
		for range n {
			c.Append(rng.IntN(100) < share)
		}
		return c
	}
	ints := func(most int64) *proto.ColInt64 {
		c := new(proto.ColInt64)
		for range n {
			c.Append(rng.Int64N(most))
		}
		return c
	}
	small := func(most int) *proto.ColNullable[int8] {
		c := new(proto.ColInt8).Nullable()
		for range n {
			c.Append(proto.Nullable[int8]{Set: rng.IntN(2) == 0, Value: int8(rng.IntN(most))})
		}
		return c
	}
	resolved := proto.NewColNullable[bool](new(proto.ColBool))
	items, dimensions, scored := new(proto.ColStr).LowCardinality().Array(), new(proto.ColStr).LowCardinality().Array(), new(proto.ColStr).LowCardinality().Array()
	scores, none, nums, dens := new(proto.ColInt16).Nullable().Array(), new(proto.ColInt16).Nullable().Array(), new(proto.ColInt64).Array(), new(proto.ColInt64).Array()
	reasons := proto.NewArray[[]string](new(proto.ColStr).Array())
	for range n {
		resolved.Append(proto.Nullable[bool]{Set: rng.IntN(2) == 0, Value: true})
		var item, dimension []string
		var score, empty []proto.Nullable[int16]
		var why [][]string
		for i := range 10 {
			item, dimension = append(item, fmt.Sprint("item", i)), append(dimension, fmt.Sprint("dimension", i/3))
			score, empty = append(score, proto.NewNullable(int16(rng.IntN(10)+1))), append(empty, proto.Null[int16]())
			why = append(why, []string{"late", "rude"}[:max(0, rng.IntN(40)-37)])
		}
		items.Append(item)
		dimensions.Append(dimension)
		scores.Append(score)
		none.Append(empty)
		reasons.Append(why)
		scored.Append([]string{"dimension0", "dimension1", "dimension2", "dimension3"})
		nums.Append([]int64{rng.Int64N(100), rng.Int64N(100), rng.Int64N(100), rng.Int64N(100)})
		dens.Append([]int64{1, 1, 1, 1})
	}
	input = append(input, proto.Input{
		{Name: "questionnaire", Data: texts(one("q"))}, {Name: "questionnaire_version", Data: texts(one("1"))}, {Name: "role", Data: texts(one("customer"))},
		{Name: "valid", Data: bools(98)}, {Name: "retracted", Data: bools(1)}, {Name: "superseded", Data: bools(1)},
		{Name: "index_num", Data: ints(1000)}, {Name: "index_den", Data: ints(2)}, {Name: "level", Data: texts(one("satisfied"))},
		{Name: "nps", Data: small(11)}, {Name: "ces", Data: small(7)}, {Name: "repurchase", Data: small(5)}, {Name: "resolved_first_contact", Data: resolved},
		{Name: "answers.item", Data: items}, {Name: "answers.dimension", Data: dimensions}, {Name: "answers.score", Data: scores},
		{Name: "answers.expectation", Data: none}, {Name: "answers.importance", Data: none}, {Name: "answers.reasons", Data: reasons},
		{Name: "dimensions.dimension", Data: scored}, {Name: "dimensions.num", Data: nums}, {Name: "dimensions.den", Data: dens},
	}...)
	var b proto.Buffer
	if err := (proto.Block{Columns: len(input), Rows: n}).EncodeBlock(&b, revision, input); err != nil {
		tb.Fatal(err)
	}
	return b.Buf
}

var everyCut = append([]string{"", "region,product"}, tenants.Attributes()...)

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
