package fold

import (
	"errors"
	"fmt"

	"github.com/ClickHouse/ch-go/proto"
)

// names is a column of LowCardinality(String) of a block: a dictionary and a key for each row.
type names struct {
	index texts
	raw   proto.ColLowCardinalityRaw
	// codes of the rows, made from those of the dictionary.
	codes, ofIndex []uint32
}

// Type is that of ClickHouse.
func (n *names) Type() proto.ColumnType { return "LowCardinality(String)" }

// Rows of the column.
func (n *names) Rows() int { return n.raw.Rows() }

// Reset forgets the rows.
func (n *names) Reset() {
	n.raw.Index = &n.index
	n.raw.Key = proto.KeyUInt8
	n.raw.Reset()
}

// DecodeState reads what comes before the column.
func (n *names) DecodeState(r *proto.Reader) error { return n.raw.DecodeState(r) }

// DecodeColumn reads the column.
func (n *names) DecodeColumn(r *proto.Reader, rows int) error { return n.raw.DecodeColumn(r, rows) }

// check that there are as many rows as there have to be, of values that the dictionary has.
func (n *names) check(rows int) error {
	if n.Rows() != rows {
		return fmt.Errorf("fold: block of facts: %d names in %d rows", n.Rows(), rows)
	}
	size := n.index.Rows()
	var ok bool
	switch n.raw.Key {
	case proto.KeyUInt8:
		ok = within(n.raw.Keys8, size)
	case proto.KeyUInt16:
		ok = within(n.raw.Keys16, size)
	case proto.KeyUInt32:
		ok = within(n.raw.Keys32, size)
	default:
		ok = within(n.raw.Keys64, size)
	}
	if !ok {
		return errors.New("fold: block of facts: a name that its dictionary has not")
	}
	return nil
}

func within[T ~[]E, E uint8 | uint16 | uint32 | uint64](keys T, size int) bool {
	most := E(0)
	for _, k := range keys {
		most = max(most, k)
	}
	return len(keys) == 0 || uint64(most) < uint64(size)
}

// encode gives each row its code.
func (n *names) encode(s *Space) []uint32 {
	n.ofIndex = n.ofIndex[:0]
	for i := range n.index.Rows() {
		n.ofIndex = append(n.ofIndex, s.text(n.index.RowBytes(i)))
	}
	return n.translated()
}

// translated gives each row what its value of the dictionary has.
func (n *names) translated() []uint32 {
	if cap(n.codes) < n.Rows() {
		n.codes = make([]uint32, n.Rows())
	}
	n.codes = n.codes[:n.Rows()]
	switch n.raw.Key {
	case proto.KeyUInt8:
		translate(n.codes, n.raw.Keys8, n.ofIndex)
	case proto.KeyUInt16:
		translate(n.codes, n.raw.Keys16, n.ofIndex)
	case proto.KeyUInt32:
		translate(n.codes, n.raw.Keys32, n.ofIndex)
	default:
		translate(n.codes, n.raw.Keys64, n.ofIndex)
	}
	return n.codes
}

func translate[T ~[]E, E uint8 | uint16 | uint32 | uint64](out []uint32, keys T, of []uint32) {
	for i, k := range keys {
		out[i] = of[k]
	}
}

// lists is a column of Array(T); ends are where the list of each row ends.
type lists[T proto.ColResult] struct {
	ends proto.ColUInt64
	of   T
}

// Type is that of ClickHouse.
func (l *lists[T]) Type() proto.ColumnType { return proto.ColumnTypeArray.Sub(l.of.Type()) }

// Rows of the column.
func (l *lists[T]) Rows() int { return len(l.ends) }

// Reset forgets the rows.
func (l *lists[T]) Reset() {
	l.ends.Reset()
	l.of.Reset()
}

// DecodeState reads what comes before the column.
func (l *lists[T]) DecodeState(r *proto.Reader) error {
	if s, ok := any(l.of).(proto.StateDecoder); ok {
		return s.DecodeState(r)
	}
	return nil
}

// mostElements bounds the lists of a block: a length beyond it is taken for bytes out of place, not for a size to make room for.
const mostElements = 1 << 28

// DecodeColumn reads the column.
func (l *lists[T]) DecodeColumn(r *proto.Reader, rows int) error {
	if err := l.ends.DecodeColumn(r, rows); err != nil {
		return err
	}
	n := last(l.ends)
	if n < 0 || n > mostElements {
		return fmt.Errorf("%d elements in %d lists", n, rows)
	}
	return l.of.DecodeColumn(r, n)
}

// keys of the rows in the dictionary.
func (n *names) keys() []uint32 {
	n.ofIndex = n.ofIndex[:0]
	for i := range n.index.Rows() {
		n.ofIndex = append(n.ofIndex, uint32(i))
	}
	return n.translated()
}

// levels are the features of the rows' levels; 0 is of what is none.
func (n *names) levels() []uint32 {
	n.ofIndex = n.ofIndex[:0]
	for i := range n.index.Rows() {
		feature := uint32(0)
		switch n.index.Row(i) {
		case "very_satisfied":
			feature = verySatisfied
		case "satisfied":
			feature = satisfied
		case "neutral":
			feature = neutral
		case "dissatisfied":
			feature = dissatisfied
		case "very_dissatisfied":
			feature = veryDissatisfied
		}
		n.ofIndex = append(n.ofIndex, feature)
	}
	return n.translated()
}

// encodeLists gives the names in lists their codes.
func (f *Facts) encodeLists(s *Space) {
	f.answerItem.of.encode(s)
	f.answerDimension.of.encode(s)
	f.dimension.of.encode(s)
}

// The columns are made in this package, of these types.
func int8s(c proto.ColumnOf[int8]) proto.ColInt8    { return *c.(*proto.ColInt8) }
func int16s(c proto.ColumnOf[int16]) proto.ColInt16 { return *c.(*proto.ColInt16) }
func bools(c proto.ColumnOf[bool]) proto.ColBool    { return *c.(*proto.ColBool) }
