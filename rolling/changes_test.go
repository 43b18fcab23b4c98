package rolling

import (
	"fmt"
	"math"
	"math/big"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestChangesLeadFromOneToTheOther: who applies the changes to what was has what is, and no change is told that is none.
func TestChangesLeadFromOneToTheOther(t *testing.T) {
	figures := rapid.Custom(func(t *rapid.T) []Figure {
		var out []Figure
		for i := range 6 {
			if !rapid.Bool().Draw(t, "there") {
				continue
			}
			f := figure(fmt.Sprint("m", i%2), "region", fmt.Sprint(i/2), 0, rapid.Uint64Range(0, 2).Draw(t, "n"))
			f.Value = rapid.SampledFrom([]*float64{nil, some(1), some(2)}).Draw(t, "value")
			f.Low = rapid.SampledFrom([]*float64{nil, some(1)}).Draw(t, "low")
			out = append(out, f)
		}
		return out
	})
	rapid.Check(t, func(t *rapid.T) {
		before, now := figures.Draw(t, "before"), figures.Draw(t, "now")
		state, told := map[name]Figure{}, changes(before, now, differs)
		for _, f := range before {
			state[nameOf(&f)] = f
		}
		for _, f := range told {
			if was, ok := state[nameOf(&f)]; ok && !differs(&was, &f) {
				t.Fatalf("%v is no change of %v", f, was)
			}
			state[nameOf(&f)] = f
		}
		want := map[name]Figure{}
		for _, f := range now {
			want[nameOf(&f)] = f
		}
		for k, f := range state {
			w, ok := want[k]
			if !ok {
				w = Figure{} // without value, resting on nothing
			}
			if differs(&w, &f) {
				t.Fatalf("%v: %v, want %v", k, f, w)
			}
			delete(want, k)
		}
		if len(want) > 0 {
			t.Fatalf("not told of: %v", want)
		}
		if again := changes(now, now, differs); len(again) != 0 {
			t.Fatalf("changes of nothing: %v", again)
		}
	})
}

func TestTidyLeavesNumbersAlone(t *testing.T) {
	f := figure("b", "", "", math.NaN(), 1)
	f.Low, f.High = some(math.Inf(1)), some(3)
	got := tidy([]Figure{f, figure("a", "", "", 1, 1)}, unit{"t", windowOf(t, "1h")}, basis{asOf: time.Unix(60, 0).UTC()})
	if got[0].Metric != "a" || got[1].Value != nil || got[1].Low != nil || *got[1].High != 3 || got[1].Tenant != "t" || got[1].AsOf.Unix() != 60 {
		t.Errorf("%+v", got)
	}
}

// TestEventIDs: the same figure of the same row has the same id, anything else another.
func TestEventIDs(t *testing.T) {
	base := figure("light", "region", "north", 75, 9)
	base.Tenant, base.AsOf = "t", time.Unix(60, 0)
	ids := map[string]string{}
	for what, f := range map[string]struct {
		change  func(*Figure)
		version int64
	}{
		"itself": {func(*Figure) {}, 1}, "another version": {func(*Figure) {}, 2},
		"value": {func(f *Figure) { f.Value = some(76) }, 1}, "none": {func(f *Figure) { f.Value = nil }, 1}, "n": {func(f *Figure) { f.N++ }, 1},
		"as_of": {func(f *Figure) { f.AsOf = time.Unix(120, 0) }, 1}, "tenant": {func(f *Figure) { f.Tenant = "u" }, 1},
		"cut": {func(f *Figure) { f.Cut, f.CutValue = "regionn", "orth" }, 1}, "bound": {func(f *Figure) { f.Low = some(75) }, 1},
	} {
		c := base
		f.change(&c)
		id := eventID(c, big.NewInt(f.version))
		if other, twice := ids[id]; twice {
			t.Errorf("%s and %s have one id", what, other)
		}
		ids[id] = what
	}
	if diff := cmp.Diff("itself", ids[eventID(base, big.NewInt(1))]); diff != "" {
		t.Error(diff)
	}
}
