package fold

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ClickHouse/ch-go/proto"
)

// Day is a slot as rows of a table name it: of each cut there is a row of it, whether anything lies in it or not.
type Day struct {
	Slot   int
	Tenant string
	// Date is the day, counted from 1970.
	Date int32
	// Epoch and Mark are the version.
	Epoch, Mark uint64
}

// Rows reads as the rows of a table for days, in blocks of Native format of revision 0. Cells of a row are in the order of their keys.
type Rows struct {
	table   tableRows
	folder  *Folder
	layouts []layout
	rank    []int // of layouts, by the code of their series
	days    []Day
	cut     int
	cells   []*cell
	names   []uint32 // of the keys of a cell, with room for all
	columns *rowColumns
	buffer  proto.Buffer
	read    int
}

// mostBlockBytes is about how much one block of rows holds; a row is never divided.
const mostBlockBytes = 4 << 20

// Rows are the rows of a table for days.
func (f *Folder) Rows(table string, days []Day) (*Rows, error) {
	for _, t := range allTables() {
		if t.name != table {
			continue
		}
		r := &Rows{table: t, folder: f, days: days, layouts: f.space.layouts(), names: make([]uint32, 0, 8), columns: newRowColumns(t)}
		r.rank = make([]int, len(r.layouts))
		for i, l := range r.layouts {
			r.rank[l.code] = i
		}
		return r, nil
	}
	return nil, fmt.Errorf("fold: no table %q", table)
}

// Columns are the names of the columns of the rows of a table, in order.
func (r *Rows) Columns() []string {
	var names []string
	for _, c := range r.columns.input {
		names = append(names, c.Name)
	}
	return names
}

// Types are those of the columns.
func (r *Rows) Types() []string {
	var types []string
	for _, c := range r.columns.input {
		types = append(types, string(c.Data.Type()))
	}
	return types
}

// Read gives the next bytes of the blocks.
func (r *Rows) Read(p []byte) (int, error) {
	if r.read == len(r.buffer.Buf) {
		if len(r.days) == 0 {
			return 0, io.EOF
		}
		if err := r.block(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.buffer.Buf[r.read:])
	r.read += n
	return n, nil
}

// block makes the next block.
func (r *Rows) block() error {
	r.buffer.Reset()
	r.read = 0
	c := r.columns
	c.reset()
	for len(r.days) > 0 && c.bytes < mostBlockBytes {
		r.row(r.days[0], r.cut)
		if r.cut++; r.cut == len(r.folder.space.cuts) {
			r.cut, r.days = 0, r.days[1:]
		}
	}
	for _, n := range c.texts {
		n.finish(r.folder.space)
	}
	b := proto.Block{Columns: len(c.input), Rows: c.tenant.Rows()}
	if err := b.EncodeRawBlock(&r.buffer, 0, c.input); err != nil {
		return fmt.Errorf("fold: rows of %s: %w", r.table.name, err)
	}
	return nil
}

// row adds the row of a day and a cut.
func (r *Rows) row(d Day, cut int) {
	c, s := r.columns, r.folder.space
	c.tenant.Append(d.Tenant)
	c.cut.Append(s.cuts[cut].name)
	c.day = append(c.day, proto.Date32(d.Date))
	c.version = append(c.version, proto.UInt128{Low: d.Mark, High: d.Epoch})
	r.cells = r.cells[:0]
	if cells := r.folder.Cells(d.Slot); cells != nil {
		for i := range cells.all {
			if of, _, _ := parted(cells.all[i].key); of == cut {
				r.cells = append(r.cells, &cells.all[i])
			}
		}
	}
	name := func(it *cell) uint32 {
		_, _, value := parted(it.key)
		return s.valueName(s.cuts[cut], value)
	}
	slices.SortFunc(r.cells, func(a, b *cell) int {
		_, x, _ := parted(a.key)
		_, y, _ := parted(b.key)
		return cmp.Or(s.compare(name(a), name(b)), cmp.Compare(r.rank[x], r.rank[y]))
	})
	for _, it := range r.cells {
		_, series, _ := parted(it.key)
		l := &r.layouts[r.rank[series]]
		r.names = append(r.names[:0], name(it), l.series.questionnaire, l.series.version, l.series.role)
		r.table.cells(c, it, l, r.names)
	}
	c.ends = append(c.ends, uint64(c.cells))
}

// valueName is the code of the name of a value of a cut.
func (s *Space) valueName(c cut, code uint32) uint32 {
	switch len(c.attributes) {
	case 0:
		return s.text(nil)
	case 1:
		return code
	}
	for len(s.pairNames) <= int(code) {
		s.pairNames = append(s.pairNames, 0)
	}
	if s.pairNames[code] == 0 {
		s.pairNames[code] = s.text([]byte(s.value(c, code))) + 1
	}
	return s.pairNames[code] - 1
}

// allNames joins names of columns for a statement.
func allNames(names []string) string { return "`" + strings.Join(names, "`, `") + "`" }

// Insert is the statement that takes the rows.
func (r *Rows) Insert() string {
	return "INSERT INTO rapport_store." + r.table.name + " (" + allNames(r.Columns()) + ")"
}
