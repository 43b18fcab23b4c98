package oracle

import (
	"fmt"
	"slices"
	"strings"
)

// Difference is one way in which stored rows are not the expected ones.
type Difference struct {
	Table, Tenant string
	Cut, Day      string // of rollups
	Key           string // of outcomes
	// Cell is the cell's key, '' where the difference is of the whole row.
	Cell string
	// What is the measure that differs, or "row", "cell" or "order of cells".
	What      string
	Got, Want string
}

func (d Difference) String() string {
	where := fmt.Sprintf("%s tenant=%q cut=%q day=%s", d.Table, d.Tenant, d.Cut, d.Day)
	if d.Key != "" {
		where = d.Table + " " + d.Key
	}
	if d.Cell != "" {
		where += " cell=" + d.Cell
	}
	return fmt.Sprintf("%s: %s: got %s, want %s", where, d.What, d.Got, d.Want)
}

// Report is the first few differences, one a line, and how many there are in all.
func Report(ds []Difference) string {
	const shown = 20
	var b strings.Builder
	fmt.Fprintf(&b, "%d differences", len(ds))
	for i, d := range ds {
		if i == shown {
			fmt.Fprintf(&b, "\n  and %d more", len(ds)-shown)
			break
		}
		b.WriteString("\n  " + d.String())
	}
	return b.String()
}

// Compare lists every difference between stored and expected rows, to the bit; the rows' order does not matter, that of the
// cells within a row does. A row without cells equals one that is not there. No difference gives nil.
func Compare(got, want []Row) []Difference {
	got, want = NotEmpty(got), NotEmpty(want)
	slices.SortStableFunc(got, compareRows)
	slices.SortStableFunc(want, compareRows)
	var ds []Difference
	merge(got, want, compareRows,
		func(g Row) { ds = append(ds, g.difference("row", "present", "absent")) },
		func(w Row) { ds = append(ds, w.difference("row", "absent", "present")) },
		func(g, w Row) { ds = append(ds, diffCells(g, w)...) })
	return ds
}

func diffCells(got, want Row) []Difference {
	var ds []Difference
	if !slices.IsSortedFunc(got.Cells, compareCells) {
		ds = append(ds, got.difference("order of cells", "unsorted", "sorted by key"))
		got.Cells = slices.SortedFunc(slices.Values(got.Cells), compareCells)
	}
	at := func(c Cell, what, g, w string) {
		d := got.difference(what, g, w)
		d.Cell = fmt.Sprintf("%q", c.Key)
		ds = append(ds, d)
	}
	merge(got.Cells, want.Cells, compareCells,
		func(g Cell) { at(g, "cell", "present", "absent") },
		func(w Cell) { at(w, "cell", "absent", "present") },
		func(g, w Cell) {
			for _, name := range w.measures {
				if g.Measure(name).Cmp(w.Measure(name)) != 0 {
					at(w, name, g.Measure(name).String(), w.Measure(name).String())
				}
			}
		})
	return ds
}

func (r Row) difference(what, got, want string) Difference {
	return Difference{Table: r.Table, Tenant: r.Tenant, Cut: r.Cut, Day: r.Day, What: what, Got: got, Want: want}
}

// merge walks two sorted lists; an element that one list holds twice is extra.
func merge[T any](got, want []T, order func(a, b T) int, extra, missing func(T), both func(g, w T)) {
	for len(got) > 0 || len(want) > 0 {
		switch {
		case len(want) == 0 || len(got) > 0 && order(got[0], want[0]) < 0:
			extra(got[0])
			got = got[1:]
		case len(got) == 0 || order(got[0], want[0]) > 0:
			missing(want[0])
			want = want[1:]
		default:
			both(got[0], want[0])
			got, want = got[1:], want[1:]
		}
	}
}
