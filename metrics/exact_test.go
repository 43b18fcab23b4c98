package metrics

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/rapport-project/rapport/outcomes"
)

// TestQuantilesAreNear: within 1 % of the exact quantile of the durations themselves, from one to many.
func TestQuantilesAreNear(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		values := rapid.SliceOfN(rapid.Int64Range(0, 1<<45), 1, 60).Draw(r, "values")
		counts := make(map[DurationKey]uint64)
		for _, v := range values {
			counts[DurationKey{"resolved", calendarClock, outcomes.DurationBucket(v)}]++
		}
		slices.Sort(values)
		h, _ := histograms(counts, "resolved")
		for _, p := range Quantiles() {
			place := p * float64(len(values)-1)
			i := int(place)
			want := float64(values[i])
			if i+1 < len(values) {
				want += (place - float64(i)) * float64(values[i+1]-values[i])
			}
			if got := h.quantile(p, uint64(len(values))); math.Abs(got-want) > 0.01*want {
				r.Fatalf("quantile %v of %v: %v, want %v", p, values, got, want)
			}
		}
	})
}

// TestSpearman: Pearson's correlation of middle ranks, of the pairs one by one; and the example of Wikipedia's article, -29/165.
func TestSpearman(t *testing.T) {
	iq := []int64{86, 97, 99, 100, 101, 103, 106, 110, 112, 113}
	hours := []int16{2, 20, 28, 27, 50, 29, 7, 17, 6, 12}
	var cells []joint
	for i := range iq {
		cells = append(cells, joint{iq[i], 1, hours[i], 1})
	}
	if rho, n, ok := spearman(cells); !ok || n != 10 || math.Abs(rho+29./165) > 1e-12 {
		t.Errorf("rho %v of %d, %v", rho, n, ok)
	}
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.IntRange(0, 40).Draw(r, "n")
		var xs, ys []float64
		counts := make(map[joint]uint64)
		for range n {
			// The same score under two denominators is a tie.
			num, den, y := rapid.Int64Range(0, 5).Draw(r, "num"), rapid.Int64Range(1, 3).Draw(r, "den"), rapid.Int16Range(1, 5).Draw(r, "y")
			counts[joint{num: num * den, den: den, overall: y}]++
			xs, ys = append(xs, float64(num)), append(ys, float64(y))
		}
		var cells []joint
		for c, n := range counts {
			c.n = n
			cells = append(cells, c)
		}
		want, possible := naiveSpearman(xs, ys)
		got, _, ok := spearman(cells)
		if ok != possible || ok && (math.Abs(got-want) > 1e-12 || math.Abs(got) > 1) {
			r.Fatalf("%v, %v: got %v %v, want %v %v", xs, ys, got, ok, want, possible)
		}
	})
}

func naiveSpearman(xs, ys []float64) (float64, bool) {
	n := float64(len(xs))
	rank := func(all []float64, x float64) float64 {
		lower, same := 0.0, 0.0
		for _, y := range all {
			if y < x {
				lower++
			} else if y == x {
				same++
			}
		}
		return lower + (same+1)/2
	}
	var xx, yy, xy float64
	for i := range xs {
		dx, dy := rank(xs, xs[i])-(n+1)/2, rank(ys, ys[i])-(n+1)/2
		xx, yy, xy = xx+dx*dx, yy+dy*dy, xy+dx*dy
	}
	if n < 3 || xx == 0 || yy == 0 {
		return 0, false
	}
	return xy / math.Sqrt(xx*yy), true
}

// TestFewestMoves: no smaller number of moves, whichever they are, reaches what is needed.
func TestFewestMoves(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		need := rapid.Int64Range(-5, 60).Draw(r, "need")
		kinds := rapid.IntRange(0, 3).Draw(r, "kinds")
		var moves []move
		gains, rooms := []int64{}, []uint64{}
		for range kinds {
			gain, room := rapid.Int64Range(1, 9).Draw(r, "gain"), rapid.Uint64Range(0, 5).Draw(r, "room")
			moves = append(moves, move{big.NewRat(gain, 3), room})
			gains, rooms = append(gains, gain), append(rooms, room)
		}
		got, ok := fewest(big.NewRat(need, 3), moves)
		best, possible := uint64(math.MaxUint64), false
		var try func(i int, left int64, used uint64)
		try = func(i int, left int64, used uint64) {
			if left <= 0 && used < best {
				best, possible = used, true
			}
			if i == len(gains) {
				return
			}
			for take := uint64(0); take <= rooms[i]; take++ {
				try(i+1, left-int64(take)*gains[i], used+take)
			}
		}
		try(0, need, 0)
		if ok != possible || ok && got != best {
			r.Fatalf("need %d of %v with room %v: %d %v, want %d %v", need, gains, rooms, got, ok, best, possible)
		}
	})
}

// TestMeanIsExact: by one division where float64 can, else by fractions; both are the float64 nearest to the true mean.
func TestMeanIsExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		q := part{n: 1 + rng.Uint64N(1<<rng.IntN(40)), den: 1 + rng.Int64N(1<<rng.IntN(30)), sum: rng.Int64N(1<<62) >> rng.IntN(60)}
		want, _ := new(big.Rat).SetFrac(big.NewInt(q.sum), new(big.Int).Mul(big.NewInt(q.den), new(big.Int).SetUint64(q.n))).Float64()
		if got := q.mean(); got != want {
			t.Fatalf("%+v: %v, want %v", q, got, want)
		}
	}
}

// TestQuadrants: what equals the mean counts as high.
func TestQuadrants(t *testing.T) {
	s := &States{Dimensions: map[DimensionKey]Dimension{}}
	for name, d := range map[string]struct{ importance, score int64 }{"a": {5, 80}, "b": {5, 60}, "c": {1, 60}, "d": {1, 80}, "e": {3, 70}} {
		s.Dimensions[DimensionKey{"q", "1", customer, name}] = Dimension{N: 2, Den: 1, NumSum: 2 * d.score, ImportanceN: 3, ImportanceSum: 3 * d.importance}
	}
	m, _ := ByName("ipa_quadrant")
	got := make(map[string]string)
	for _, p := range m.Points(s, nil) {
		got[p.Detail] = p.Sample.Text
		if v, ok := p.Sample.Value(); !ok || Quadrants()[int(v)-1] != Quadrant(p.Sample.Text) || p.Sample.N != 2 {
			t.Errorf("%+v", p)
		}
	}
	for name, want := range map[string]Quadrant{"a": KeepUp, "b": ConcentrateHere, "c": LowPriority, "d": PossibleOverkill, "e": KeepUp} {
		if got[name] != string(want) {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
}
