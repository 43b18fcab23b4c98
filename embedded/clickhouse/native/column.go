package native

import "sort"

// column skips a column: the state prefixes of the whole type first, then the data.
func (c *cursor) column(n *node, rows int) {
	states := c.prefix(n)
	c.data(n, rows, states)
}

// state is what a prefix says about the data that follows, in the shape of the type.
type state struct {
	children []*state
	types    []*node // types of a Dynamic's variants, in the order of the data
	text     bool    // an Object written as text
	paths    int
}

// Bits and values of serialization versions.
const (
	dictionaryAdditionalKeys = 1 << 9
	dictionaryIndexMask      = 0xff

	variantBasic = 0

	dynamicV1 = 1
	dynamicV2 = 2

	objectV1   = 0
	objectText = 1
	objectV2   = 2
)

func (c *cursor) prefix(n *node) *state {
	s := &state{}
	switch n.name {
	case "LowCardinality":
		c.uint64() // version of keys
	case "Variant":
		if mode := c.uint64(); mode != variantBasic {
			panic(unsupported{"Variant in compact form"})
		}
		for _, v := range variantOrder(n.args) {
			s.children = append(s.children, c.prefix(v))
		}
	case "Dynamic":
		c.dynamicPrefix(s)
	case "JSON", "Object":
		c.objectPrefix(n, s)
	default:
		for _, a := range n.args {
			s.children = append(s.children, c.prefix(a))
		}
	}
	return s
}

func (c *cursor) data(n *node, rows int, s *state) {
	if size := n.fixedSize(); size > 0 {
		c.rowsOf(size, rows)
		return
	}
	switch n.name {
	case "String":
		for range rows {
			c.skip(int(c.varint()))
		}
	case "Nullable":
		c.rowsOf(1, rows)
		c.data(n.args[0], rows, s.children[0])
	case "Array":
		c.data(n.args[0], c.offsets(rows), s.children[0])
	case "Map", "Nested":
		inner := c.offsets(rows)
		for i, a := range n.args {
			c.data(a, inner, s.children[i])
		}
	case "Tuple":
		if len(n.args) == 0 {
			c.rowsOf(1, rows)
		}
		for i, a := range n.args {
			c.data(a, rows, s.children[i])
		}
	case "SimpleAggregateFunction":
		c.data(n.args[0], rows, s.children[0])
	case "LowCardinality":
		c.dictionary(n.args[0], rows)
	case "Variant":
		c.variant(variantOrder(n.args), rows, s.children)
	case "Dynamic":
		c.variant(s.types, rows, s.children)
	case "JSON", "Object":
		c.object(n, rows, s)
	case "Ring", "LineString":
		c.data(point, c.offsets(rows), s)
	case "Polygon", "MultiLineString":
		c.data(point, c.offsets(c.offsets(rows)), s)
	case "MultiPolygon":
		c.data(point, c.offsets(c.offsets(c.offsets(rows))), s)
	default:
		panic(unsupported{"type " + n.name + " has no size of its own; convert it in the query"})
	}
}

var point = &node{name: "Point"}

// offsets skips the ends of the arrays of rows and returns the last, which is how many elements follow.
func (c *cursor) offsets(rows int) int {
	if rows == 0 {
		return 0
	}
	c.rowsOf(8, rows-1)
	return int(c.uint64())
}

// dictionary skips data of LowCardinality: the dictionary of the block, then the index of each row.
func (c *cursor) dictionary(of *node, rows int) {
	if rows == 0 {
		return
	}
	flags := c.uint64()
	if flags&dictionaryAdditionalKeys != 0 {
		if of.name == "Nullable" {
			of = of.args[0] // NULL is the first key, the rest are plain
		}
		c.data(of, int(c.uint64()), &state{})
	}
	c.rowsOf(1<<(flags&dictionaryIndexMask), int(c.uint64()))
}

// variantOrder is the order of a Variant's data: types sorted by name, as the server keeps them.
func variantOrder(args []*node) []*node {
	out := append([]*node(nil), args...)
	sort.SliceStable(out, func(i, j int) bool { return out[i].text() < out[j].text() })
	return out
}

// text writes a type back as the server prints it, enough for comparing types within one Variant.
func (n *node) text() string {
	if len(n.raw) == 0 {
		return n.name
	}
	s := n.name + "("
	for i, r := range n.raw {
		if i > 0 {
			s += ", "
		}
		s += r
	}
	return s + ")"
}

const nullDiscriminator = 255

// variant skips one discriminator a row and then, type by type, the rows of each.
func (c *cursor) variant(types []*node, rows int, states []*state) {
	counts := make([]int, len(types))
	for _, d := range c.take(rows) {
		if d == nullDiscriminator {
			continue
		}
		if int(d) >= len(types) {
			panic(unsupported{"Variant with an unknown discriminator"})
		}
		counts[d]++
	}
	for i, t := range types {
		if counts[i] > 0 {
			c.data(t, counts[i], states[i])
		}
	}
}
