package fold

import (
	"math"

	"github.com/ClickHouse/ch-go/proto"
)

// NewKeyedFacts is a block whose digests are keys of the facts, which do not change with their content, and which has a column fingerprint (UInt64) after
// them, which does.
func NewKeyedFacts() *Facts {
	f := newFacts(true)
	f.columns = append(f.columns, proto.ResultColumn{Name: "fingerprint", Data: &f.fingerprint})
	return f
}

// KeyedColumns names what blocks of NewKeyedFacts consist of, as Columns does.
func KeyedColumns() []string { return append(Columns(true), "fingerprint") }

// Key of a fact, of a block that was made with them.
func (f *Facts) Key(row int) uint64 { return f.digest[row] }

// Fingerprint of a fact, of a keyed block.
func (f *Facts) Fingerprint(row int) uint64 { return f.fingerprint[row] }

// Micros is the time of a fact, microseconds since 1970 UTC.
func (f *Facts) Micros(row int) int64 { return f.micros[row] }

// NoTime is the time of facts that are in no slot.
const NoTime = math.MinInt64

// Skip takes a fact out of the block's slots: it will be in none whose Finder knows no NoTime.
func (f *Facts) Skip(row int) { f.micros[row] = NoTime }

// NewCells are empty cells to add others of a Space to.
func NewCells(space *Space) *Cells { return newCells(space) }

// Forget empties a slot, so that it can be another's.
func (f *Folder) Forget(slot int) {
	if slot < len(f.cells) {
		f.cells[slot] = nil
	}
}
