package rolling

import "github.com/rapport-project/rapport/metrics"

// column is one of a table of rollups. Where it is put says in which type it is read: *string, *int16, *uint16, *uint32, *int64, *uint64 or *metrics.Wide.
type column struct {
	name string
	into any
	// expression is what is read of a key where it is not the column itself.
	expression string
	// most says that the greatest is kept instead of a sum: of denominators, which are one for a version of a questionnaire. of counts what has it.
	most bool
	of   *uint64
}

// reader takes the rows of one table into states. It is made for one statement at a time.
type reader struct {
	table          string
	keys, measures []column
	// add adds the row that was scanned to the states of a span.
	add func(s *metrics.States, in place)
	// settle removes from states what nothing is left of. It is false where more was taken away than was there.
	settle func(s *metrics.States) bool
}

// place is what of a span a row is in.
type place struct {
	confirmed, minus bool
	// judged is how many of the instants at which the query judges lie before that of this span.
	judged uint64
}

// newReader reads a table into a map of states. keys and measures say where the columns of a key and a value lie.
func newReader[K comparable, V any](table string, keys func(*K) []column, measures func(*V) []column, of func(*metrics.States) *map[K]V) *reader {
	var key K
	var row, sum V
	r := &reader{table: table, keys: keys(&key), measures: measures(&row)}
	sums := measures(&sum)
	r.add = func(s *metrics.States, in place) {
		m := of(s)
		if *m == nil {
			*m = map[K]V{}
		}
		sum = (*m)[key]
		plus(sums, r.measures, in.minus)
		(*m)[key] = sum
	}
	r.settle = func(s *metrics.States) bool {
		whole, m := true, of(s)
		for k, v := range *m {
			sum = v
			left, ok := holds(sums)
			if whole = whole && ok; left {
				(*m)[k] = sum
			} else {
				delete(*m, k)
			}
		}
		if len(*m) == 0 {
			*m = nil
		}
		return whole
	}
	return r
}

// plus adds one value to another, column by column, or takes it away. Numbers wrap around, so that the order of the two does not matter.
func plus(sums, row []column, minus bool) {
	for i, c := range row {
		switch x := c.into.(type) {
		case *uint64:
			sum := sums[i].into.(*uint64)
			if minus {
				*sum -= *x
			} else {
				*sum += *x
			}
		case *int64:
			sum := sums[i].into.(*int64)
			switch {
			case c.most:
				*sum = max(*sum, *x)
			case minus:
				*sum -= *x
			default:
				*sum += *x
			}
		case *metrics.Wide:
			sum := sums[i].into.(*metrics.Wide)
			if minus {
				*sum = sum.Plus(negative(*x))
			} else {
				*sum = sum.Plus(*x)
			}
		}
	}
}

func negative(w metrics.Wide) metrics.Wide {
	n := metrics.Wide{Hi: ^w.Hi, Lo: ^w.Lo}
	return n.Plus(metrics.Wide{Lo: 1})
}

// holds tells whether anything is left of a value, and whether no number of things is below zero. A denominator of nothing goes.
func holds(sums []column) (left, ok bool) {
	ok = true
	for _, c := range sums {
		switch x := c.into.(type) {
		case *uint64:
			left = left || *x != 0
			ok = ok && *x < 1<<63
		case *int64:
			if c.most && *c.of == 0 {
				*x = 0
			}
			left = left || *x != 0 && !c.most
		case *metrics.Wide:
			left = left || *x != metrics.Wide{}
		}
	}
	return left, ok
}

// destinations are where a row is scanned into, after slot, cut and value of the cut.
func (r *reader) destinations() []any {
	var to []any
	for _, c := range r.keys {
		to = append(to, c.into)
	}
	for _, c := range r.measures {
		if w, ok := c.into.(*metrics.Wide); ok {
			to = append(to, &w.Hi, &w.Lo)
			continue
		}
		to = append(to, c.into)
	}
	return to
}

// Expression reads a key.
func (c column) Expression() string {
	e := c.expression
	if e == "" {
		e = "`" + c.name + "`"
	}
	return typed(c.into, e)
}

// sums are the expressions of the measures.
func (r *reader) sums() []string {
	var all []string
	for _, c := range r.measures {
		e := "sum(`" + c.name + "`)"
		if c.most {
			e = "max(`" + c.name + "`)"
		}
		if _, ok := c.into.(*metrics.Wide); ok {
			all = append(all, "toInt64(bitShiftRight(toInt128("+e+"), 64))", "toUInt64("+e+")")
			continue
		}
		all = append(all, typed(c.into, e))
	}
	return all
}

func typed(into any, expression string) string {
	to := "toString"
	switch into.(type) {
	case *int16:
		to = "toInt16"
	case *uint16:
		to = "toUInt16"
	case *int64:
		to = "toInt64"
	case *uint64:
		to = "toUInt64"
	}
	return to + "(" + expression + ")"
}

// names are the columns of the table that are read.
func (r *reader) names() []string {
	var all []string
	for _, c := range r.keys {
		all = append(all, c.name)
	}
	for _, c := range r.measures {
		all = append(all, c.name)
	}
	return all
}
