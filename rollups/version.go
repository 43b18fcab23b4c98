package rollups

import "math/big"

// Version orders the writes of one rollup row; the highest wins, whoever wrote last.
type Version struct {
	// Epoch rises when what the figures are computed under changes.
	Epoch uint64
	// Mark is the offset of the newest mark answered, plus one; 0 answers none.
	Mark uint64
}

// Compare is -1, 0 or 1 as v is older than, the same as or newer than w.
func (v Version) Compare(w Version) int {
	switch {
	case v == w:
		return 0
	case v.Epoch < w.Epoch || v.Epoch == w.Epoch && v.Mark < w.Mark:
		return -1
	}
	return 1
}

// String is the UInt128 that the store keeps, in decimal: Epoch << 64 | Mark.
func (v Version) String() string {
	n := new(big.Int).SetUint64(v.Epoch)
	return n.Lsh(n, 64).Or(n, new(big.Int).SetUint64(v.Mark)).String()
}

// Versioner gives the version of rows that answer a mark at an offset of the marks topic.
type Versioner func(epoch uint64, offset int64) Version

// MarkVersion is the Versioner that is right: a row that answers a mark read the facts after the mark was published, and marks
// of one day are ordered by their partition, so of two rows the one with the higher offset saw every fact the other saw. A
// clock has no such tie to what was read, which tests show by putting one in its place.
func MarkVersion(epoch uint64, offset int64) Version {
	return Version{Epoch: epoch, Mark: uint64(offset) + 1}
}
