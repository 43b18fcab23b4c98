package fold

import (
	"github.com/ClickHouse/ch-go/proto"
)

// rowColumns are the columns of a block of rows.
type rowColumns struct {
	input   []proto.InputColumn
	tenant  proto.ColStr
	cut     proto.ColStr
	day     proto.ColDate32
	version proto.ColUInt128
	// ends of the cells of each row, the same for all columns of cells.
	ends  proto.ColUInt64
	cells int
	bytes int

	texts  []*nameList
	scores *proto.ColInt16
	uints  []*proto.ColUInt64
	ints   []*proto.ColInt64
	wides  []*proto.ColInt128
	width  int // bytes of a cell
}

func newRowColumns(t tableRows) *rowColumns {
	c := &rowColumns{}
	c.input = []proto.InputColumn{{Name: "tenant", Data: &c.tenant}, {Name: "cut", Data: &c.cut}, {Name: "day", Data: &c.day}, {Name: "version", Data: &c.version}}
	cells := func(name string, width int, of proto.ColInput) {
		c.input = append(c.input, proto.InputColumn{Name: "cells." + name, Data: &cellColumn{&c.ends, of}})
		c.width += width
	}
	for _, name := range append([]string{"cut_value", "questionnaire", "questionnaire_version", "role"}, t.names...) {
		n := &nameList{}
		c.texts = append(c.texts, n)
		cells(name, 2, n)
	}
	if t.score {
		c.scores = new(proto.ColInt16)
		cells("score", 2, c.scores)
	}
	for _, m := range t.measures {
		switch m.of {
		case count:
			u := new(proto.ColUInt64)
			c.uints = append(c.uints, u)
			cells(m.name, 8, u)
		case total:
			i := new(proto.ColInt64)
			c.ints = append(c.ints, i)
			cells(m.name, 8, i)
		case wide:
			w := new(proto.ColInt128)
			c.wides = append(c.wides, w)
			cells(m.name, 16, w)
		}
	}
	return c
}

func (c *rowColumns) reset() {
	for _, i := range c.input {
		if r, ok := i.Data.(proto.Resettable); ok {
			r.Reset()
		}
	}
	c.ends.Reset()
	c.cells, c.bytes = 0, 0
}

// cell adds one: names, where the table has one a score, and measures by their types, each in the order of the table.
func (c *rowColumns) cell(names []uint32, score int16, uints []uint64, ints []int64, wides ...proto.Int128) {
	for i, n := range names {
		c.texts[i].names = append(c.texts[i].names, n)
	}
	if c.scores != nil {
		*c.scores = append(*c.scores, score)
	}
	for i, u := range uints {
		*c.uints[i] = append(*c.uints[i], u)
	}
	for i, v := range ints {
		*c.ints[i] = append(*c.ints[i], v)
	}
	for i, w := range wides {
		*c.wides[i] = append(*c.wides[i], w)
	}
	c.cells++
	c.bytes += c.width
}

// cellColumn is a column of cells: Array(T) of shared ends.
type cellColumn struct {
	ends *proto.ColUInt64
	of   proto.ColInput
}

// Type is that of ClickHouse.
func (c *cellColumn) Type() proto.ColumnType { return proto.ColumnTypeArray.Sub(c.of.Type()) }

// Rows of the column.
func (c *cellColumn) Rows() int { return len(*c.ends) }

// Reset forgets the cells.
func (c *cellColumn) Reset() {
	if r, ok := c.of.(proto.Resettable); ok {
		r.Reset()
	}
}

// EncodeState writes what comes before the column.
func (c *cellColumn) EncodeState(b *proto.Buffer) {
	if s, ok := c.of.(proto.StateEncoder); ok {
		s.EncodeState(b)
	}
}

// EncodeColumn writes the column.
func (c *cellColumn) EncodeColumn(b *proto.Buffer) {
	c.ends.EncodeColumn(b)
	c.of.EncodeColumn(b)
}

// WriteColumn writes the column.
func (c *cellColumn) WriteColumn(w *proto.Writer) { w.ChainBuffer(c.EncodeColumn) }

// nameList is a column of LowCardinality(String), of codes of a Space until it is finished.
type nameList struct {
	names []uint32
	keys  []uint32 // by code, plus one
	index proto.ColStr
	raw   proto.ColLowCardinalityRaw
}

// finish makes a dictionary of the names that there are.
func (n *nameList) finish(s *Space) {
	if missing := len(s.names) - len(n.keys); missing > 0 {
		n.keys = append(n.keys, make([]uint32, missing)...)
	}
	n.index.Reset()
	n.raw = proto.ColLowCardinalityRaw{Index: &n.index, Keys8: n.raw.Keys8[:0], Keys16: n.raw.Keys16[:0], Keys32: n.raw.Keys32[:0]}
	for _, name := range n.names {
		if n.keys[name] == 0 {
			n.index.Append(s.names[name])
			n.keys[name] = uint32(n.index.Rows())
		}
	}
	switch size := n.index.Rows(); {
	case size <= 1<<8:
		n.raw.Key = proto.KeyUInt8
		for _, name := range n.names {
			n.raw.Keys8 = append(n.raw.Keys8, uint8(n.keys[name]-1))
		}
	case size <= 1<<16:
		n.raw.Key = proto.KeyUInt16
		for _, name := range n.names {
			n.raw.Keys16 = append(n.raw.Keys16, uint16(n.keys[name]-1))
		}
	default:
		n.raw.Key = proto.KeyUInt32
		for _, name := range n.names {
			n.raw.Keys32 = append(n.raw.Keys32, n.keys[name]-1)
		}
	}
	for _, name := range n.names {
		n.keys[name] = 0
	}
}

// Type is that of ClickHouse.
func (n *nameList) Type() proto.ColumnType { return "LowCardinality(String)" }

// Rows of the column.
func (n *nameList) Rows() int { return len(n.names) }

// Reset forgets the names.
func (n *nameList) Reset() { n.names = n.names[:0] }

// EncodeState writes what comes before the column.
func (n *nameList) EncodeState(b *proto.Buffer) { n.raw.EncodeState(b) }

// EncodeColumn writes the column.
func (n *nameList) EncodeColumn(b *proto.Buffer) { n.raw.EncodeColumn(b) }

// WriteColumn writes the column.
func (n *nameList) WriteColumn(w *proto.Writer) { w.ChainBuffer(n.EncodeColumn) }
