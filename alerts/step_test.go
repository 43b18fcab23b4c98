package alerts

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestStep(t *testing.T) {
	past, back, between, none, thin := Verdict{Past: true}, Verdict{Back: true}, Verdict{}, Verdict{None: true}, Verdict{Thin: true}
	for name, test := range map[string]struct {
		rule Rule
		seen []Verdict
		// want are the changes by minute.
		want map[int]Change
	}{
		"at once":                  {Rule{}, []Verdict{past, past, back}, map[int]Change{0: Fired, 2: Resolved}},
		"for":                      {Rule{For: 2 * time.Minute}, []Verdict{past, past, past, back}, map[int]Change{2: Fired, 3: Resolved}},
		"for begins anew":          {Rule{For: 2 * time.Minute}, []Verdict{past, past, between, past, past, past}, map[int]Change{5: Fired}},
		"between holds":            {Rule{}, []Verdict{past, between, between, back}, map[int]Change{0: Fired, 3: Resolved}},
		"keeps firing":             {Rule{KeepFiringFor: 2 * time.Minute}, []Verdict{past, back, past, back, back, back}, map[int]Change{0: Fired, 4: Resolved}},
		"no data is kept":          {Rule{NoData: Keep}, []Verdict{past, none, thin, back}, map[int]Change{0: Fired, 3: Resolved}},
		"no data resolves":         {Rule{NoData: Resolve}, []Verdict{past, none}, map[int]Change{0: Fired, 1: Resolved}},
		"no data fires":            {Rule{NoData: Fire}, []Verdict{back, none, none, back}, map[int]Change{1: Fired, 3: Resolved}},
		"few never fire":           {Rule{NoData: Fire}, []Verdict{thin, thin}, map[int]Change{}},
		"no data is no evidence":   {Rule{For: time.Minute}, []Verdict{past, none, past, past}, map[int]Change{3: Fired}},
		"again under another life": {Rule{}, []Verdict{past, back, past, back}, map[int]Change{0: Fired, 1: Resolved, 2: Fired, 3: Resolved}},
	} {
		got := map[int]Change{}
		var life Life
		for i, v := range test.seen {
			var change Change
			life, change = Step(life, v, test.rule, time.Minute, start.Add(time.Duration(i)*time.Minute))
			if change != "" {
				got[i] = change
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestStepAfterAGap(t *testing.T) {
	r := Rule{For: 3 * time.Minute}
	life, _ := Step(Life{}, Verdict{Past: true}, r, time.Minute, start)
	life, change := Step(life, Verdict{Past: true}, r, time.Minute, start.Add(2*time.Hour))
	if change != "" || !life.Since.Equal(start.Add(2*time.Hour)) {
		t.Errorf("%s, pending since %s: hours that nobody judged count as past", change, life.Since)
	}
}

// Whatever is seen: an alert resolves once for each time that it fires, under the same beginning; an instant judged twice, or one before, changes nothing;
// nothing fires that was not past for as long as the rule says.
func TestLivesOfAlerts(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		minutes := func(name string) time.Duration {
			return time.Duration(rapid.IntRange(0, 4).Draw(rt, name)) * time.Minute
		}
		r := Rule{For: minutes("for"), KeepFiringFor: minutes("keep"), NoData: rapid.SampledFrom([]NoData{Keep, Resolve, Fire}).Draw(rt, "no data")}
		verdicts := []Verdict{{Past: true}, {Back: true}, {}, {None: true}, {Thin: true}}
		var life Life
		var firing, begun time.Time
		at := start
		run := 0
		for range rapid.IntRange(1, 60).Draw(rt, "instants") {
			v := rapid.SampledFrom(verdicts).Draw(rt, "verdict")
			next, change := Step(life, v, r, time.Minute, at)
			for _, again := range []time.Time{at, at.Add(-time.Minute), start} {
				other := rapid.SampledFrom(verdicts).Draw(rt, "again")
				if same, c := Step(next, other, r, time.Minute, again); c != "" || !cmp.Equal(same, next) {
					rt.Fatalf("%+v judged again at %s gives %q %+v", other, again, c, same)
				}
			}
			if v.Past || v.None && r.NoData == Fire {
				run++
			} else {
				run = 0
			}
			switch change {
			case Fired:
				if !firing.IsZero() || time.Duration(run-1)*time.Minute < r.For {
					rt.Fatalf("fires at %s after %d instants past, firing since %s", at, run, firing)
				}
				firing, begun = at, next.Since
			case Resolved:
				if firing.IsZero() || !life.Since.Equal(begun) || v.Past || at.Sub(life.Held) < r.KeepFiringFor {
					rt.Fatalf("resolves at %s, held %s", at, life.Held)
				}
				firing = time.Time{}
			}
			if (next.Status == Firing) == firing.IsZero() {
				rt.Fatalf("%s, firing since %s", next.Status, firing)
			}
			life, at = next, at.Add(time.Minute)
		}
	})
}

func TestID(t *testing.T) {
	k := Key{Alert: "a", Cut: "region", CutValue: "north"}
	first := ID("t", "g", k, start)
	seen := map[string]bool{first: true}
	if ID("t", "g", k, start) != first || len(first) != 32 {
		t.Fatal(first)
	}
	for i, other := range []string{ID("t", "g", k, start.Add(time.Minute)), ID("tg", "", k, start), ID("t", "g", Key{Alert: "a", Cut: "region", CutValue: "nort"}, start), ID("t", "g", Key{Alert: "ar", Cut: "egion", CutValue: "north"}, start)} {
		if seen[other] {
			t.Errorf("%d: the same id", i)
		}
		seen[other] = true
	}
}
