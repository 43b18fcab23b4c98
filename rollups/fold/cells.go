package fold

import (
	"math/bits"
)

// Cells are the sums of one slot: of each cut, value and series a vector of counts and a few sums.
type Cells struct {
	space *Space
	// Count is how many facts lie in the slot, those out of force among them, and Digest the sum of their digests, which wraps.
	Count, Digest uint64

	index codes // of cut, series and value
	all   []cell
	bytes int
}

// cell of one cut, value and series.
type cell struct {
	key    uint64
	counts []uint32
	sums   []sum
}

// sum of fractions of one denominator.
type sum struct {
	n        uint64
	den, num int64
	// Of the squares of numerators: 128 bits.
	hi int64
	lo uint64
}

func newCells(space *Space) *Cells { return &Cells{space: space} }

// Bytes is about how much memory they take.
func (c *Cells) Bytes() int { return c.bytes + c.index.bytes() }

// Empty says that no fact in force lies in the slot.
func (c *Cells) Empty() bool { return c == nil || len(c.all) == 0 }

// vectors of cells grow by this many counts more than are needed, as series still learn.
const spareCounts = 8

// at is the cell of a key, with room for the counts and sums that its series has by now.
func (c *Cells) at(key uint64, counts, sums int) *cell {
	i, fresh := c.index.of(key)
	if fresh {
		c.all = append(c.all, cell{key: key, counts: make([]uint32, counts+spareCounts), sums: make([]sum, sums)})
		c.bytes += 96 + 4*(counts+spareCounts) + 40*sums
		return &c.all[i]
	}
	it := &c.all[i]
	if len(it.counts) < counts {
		grown := make([]uint32, counts+spareCounts)
		copy(grown, it.counts)
		c.bytes += 4 * (len(grown) - len(it.counts))
		it.counts = grown
	}
	if len(it.sums) < sums {
		c.bytes += 40 * (sums - len(it.sums))
		it.sums = append(it.sums, make([]sum, sums-len(it.sums))...)
	}
	return it
}

// add one fraction, given with the square of its numerator.
func (s *sum) add(num, den, hi int64, lo uint64) {
	if den > 0 {
		s.n++
	}
	s.den = max(s.den, den)
	s.num += num
	low, carry := bits.Add64(s.lo, lo, 0)
	s.lo, s.hi = low, s.hi+hi+int64(carry)
}

// square of a number, 128 bits.
func square(x int64) (hi int64, lo uint64) {
	if x < 0 {
		x = -x // of the least number this is itself, and its square that of 2^63
	}
	h, l := bits.Mul64(uint64(x), uint64(x))
	return int64(h), l
}

// Plus adds other cells of the same Space.
func (c *Cells) Plus(other *Cells) {
	if other == nil {
		return
	}
	c.Count += other.Count
	c.Digest += other.Digest
	for i := range other.all {
		o := &other.all[i]
		it := c.at(o.key, len(o.counts), len(o.sums))
		for f, n := range o.counts {
			it.counts[f] += n
		}
		for j, s := range o.sums {
			t := &it.sums[j]
			t.n += s.n
			t.den = max(t.den, s.den)
			t.num += s.num
			low, carry := bits.Add64(t.lo, s.lo, 0)
			t.lo, t.hi = low, t.hi+s.hi+int64(carry)
		}
	}
}

// key of a cell.
func keyOf(cut int, series, value uint32) uint64 {
	return uint64(cut)<<56 | uint64(series)<<32 | uint64(value)
}
