package rolling

import "github.com/rapport-project/rapport/metrics"

// column is one of a table of rollups. Where it is put says in which type it is read: *string, *int16, *uint16, *uint32, *int64, *uint64 or *metrics.Wide.
type column struct {
	name string
	into any
	// expression is what is read of a key where it is not the column itself.
	expression string
	// most says that the greatest is kept instead of a sum: of denominators, which are one for a version of a questionnaire.
	most bool
}

// reader takes the rows of one table into states. It is made for one statement at a time.
type reader struct {
	table          string
	keys, measures []column
	// add adds the row that was scanned to the states of a span.
	add func(s *metrics.States, in place)
}

// place is what of a span a row is in.
type place struct {
	confirmed bool
	// judged is how many of the instants at which the query judges lie before that of this span.
	judged uint64
}

// newReader reads a table into a map of states. keys and measures say where the columns of a key and a value lie.
func newReader[K comparable, V any](table string, keys func(*K) []column, measures func(*V) []column, of func(*metrics.States) *map[K]V) *reader {
	var key K
	var row, sum V
	r := &reader{table: table, keys: keys(&key), measures: measures(&row)}
	sums := measures(&sum)
	r.add = func(s *metrics.States, _ place) {
		m := of(s)
		if *m == nil {
			*m = map[K]V{}
		}
		sum = (*m)[key]
		plus(sums, r.measures)
		(*m)[key] = sum
	}
	return r
}

// plus adds one value to another, column by column.
func plus(sums, row []column) {
	for i, c := range row {
		switch x := c.into.(type) {
		case *uint64:
			*sums[i].into.(*uint64) += *x
		case *int64:
			sum := sums[i].into.(*int64)
			if c.most {
				*sum = max(*sum, *x)
			} else {
				*sum += *x
			}
		case *metrics.Wide:
			sum := sums[i].into.(*metrics.Wide)
			*sum = sum.Plus(*x)
		}
	}
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
