package fold

import (
	"errors"
	"math"
)

// Folder adds facts to the cells of slots.
type Folder struct {
	space *Space
	slots Slots
	cells []*Cells
	facts uint64

	// Of the block being added, and of the fact: kept for their memory.
	finders  []Finder
	features []uint32
	parts    []part
	named    []uint32
	answers  uint64
}

// part is a fraction that a fact has a share in, with the index of its sum.
type part struct {
	sum      uint32
	num, den int64
	hi       int64
	lo       uint64
}

// NewFolder folds into cells of a Space.
func NewFolder(space *Space, slots Slots) *Folder { return &Folder{space: space, slots: slots} }

// Cells of a slot; nil where no fact lies in it.
func (f *Folder) Cells(slot int) *Cells {
	if slot < 0 || slot >= len(f.cells) {
		return nil
	}
	return f.cells[slot]
}

// Facts is how many facts were in the slots, those out of force among them.
func (f *Folder) Facts() uint64 { return f.facts }

// Bytes is about how much memory cells and codes take.
func (f *Folder) Bytes() int {
	n := f.space.Bytes()
	for _, c := range f.cells {
		if c != nil {
			n += c.Bytes()
		}
	}
	return n
}

// ErrTooMany says that a folder was given more answers than one of its counts can hold: their facts have to be folded in parts.
var ErrTooMany = errors.New("fold: more answers than a cell can count")

// mostCounted is how much a count holds.
const mostCounted = math.MaxUint32

// Add folds a block.
func (f *Folder) Add(b *Facts) error {
	s := f.space
	f.finders = f.finders[:0]
	for i := range b.tenant.index.Rows() {
		f.finders = append(f.finders, f.slots.Of(b.tenant.index.Row(i)))
	}
	tenant := b.tenant.keys()
	questionnaire, version, role := b.questionnaire.encode(s), b.version.encode(s), b.role.encode(s)
	for i := range b.attributes {
		b.attributes[i].encode(s)
	}
	b.encodeLists(s)
	level := b.level.levels()
	// Whatever a block holds more of than this is no count of anything.
	f.answers += uint64(b.rows) + uint64(len(b.answerItem.of.codes)) + uint64(len(b.reasons.of.ends)) + uint64(b.reasons.of.of.Rows())
	if f.answers > mostCounted {
		return ErrTooMany
	}
	last := lastSeries{}
	for i := range b.rows {
		finder := f.finders[tenant[i]]
		if finder == nil {
			continue
		}
		slot := finder.Slot(b.day[i], b.micros[i])
		if slot < 0 {
			continue
		}
		c := f.slot(slot)
		f.facts++
		c.Count++
		if b.digested {
			c.Digest += b.digest[i]
		}
		if b.retracted[i] || b.superseded[i] {
			continue
		}
		r, code, err := last.of(s, questionnaire[i], version[i], role[i])
		if err != nil {
			return err
		}
		f.read(b, i, r, level[i])
		for k := range s.cuts {
			it := c.at(keyOf(k, code, b.value(s, k, i)), len(r.features), len(r.dimensions)+1)
			for _, j := range f.features {
				it.counts[j]++
			}
			for j := range f.parts {
				p := &f.parts[j]
				it.sums[p.sum].add(p.num, p.den, p.hi, p.lo)
			}
		}
	}
	return nil
}

func (f *Folder) slot(i int) *Cells {
	for len(f.cells) <= i {
		f.cells = append(f.cells, nil)
	}
	if f.cells[i] == nil {
		f.cells[i] = newCells(f.space)
	}
	return f.cells[i]
}

// value is the code of the value that a fact has by a cut.
func (f *Facts) value(s *Space, cut, row int) uint32 {
	switch of := s.cuts[cut].attributes; len(of) {
	case 0:
		return 0
	case 1:
		return f.attributes[of[0]].codes[row]
	default:
		return s.pair(f.attributes[of[0]].codes[row], f.attributes[of[1]].codes[row])
	}
}

// lastSeries remembers the series of the fact before, which mostly is that of the next.
type lastSeries struct {
	series                       *series
	code                         uint32
	questionnaire, version, role uint32
}

func (l *lastSeries) of(s *Space, questionnaire, version, role uint32) (*series, uint32, error) {
	if l.series == nil || l.questionnaire != questionnaire || l.version != version || l.role != role {
		l.series, l.code = s.seriesOf(questionnaire, version, role)
		l.questionnaire, l.version, l.role = questionnaire, version, role
		if l.code >= mostSeries {
			return nil, 0, errors.New("fold: more versions of questionnaires than there is room for")
		}
	}
	return l.series, l.code, nil
}
