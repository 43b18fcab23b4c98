package imports

import (
	"fmt"
	"strings"

	"github.com/rapport-project/rapport/schemas"
)

// Refusal is one event, or one row, that could not be taken.
type Refusal struct {
	File string
	Line int // 1-based, of the row, or of the first of its rows
	Rows int // how many rows the event was made of
	// Type of the event; "" where the row itself cannot be read.
	Type schemas.Type
	// Cells are the columns that made the field, as name = "value".
	Cells []string
	schemas.InvalidError
}

func (r Refusal) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d: ", r.File, r.Line)
	if r.Rows > 1 {
		fmt.Fprintf(&b, "(%d rows) ", r.Rows)
	}
	if r.Type != "" {
		fmt.Fprintf(&b, "%s: ", r.Type)
	}
	if len(r.Cells) > 0 {
		fmt.Fprintf(&b, "%s: ", strings.Join(r.Cells, ", "))
	}
	b.WriteString(r.Error())
	return b.String()
}

// refusal explains a verdict on a value; nil where there is none.
func (m *Mapping) refusal(r row, e *eventMapping, v *value, pointer string, wrong *verdict) *Refusal {
	if wrong == nil {
		return nil
	}
	return &Refusal{File: r.file, Line: r.line, Rows: 1, Type: e.kind, Cells: m.cells(v, r.cells),
		InvalidError: schemas.InvalidError{Reason: wrong.reason, Field: pointer, Detail: wrong.detail}}
}

// cells are the columns of a value with what a row has in them.
func (m *Mapping) cells(v *value, cells []string) []string {
	if v == nil {
		return nil
	}
	var out []string
	for _, c := range v.columns() {
		s := fmt.Sprintf("column %q", m.columns[c].name)
		if c < len(cells) {
			s += fmt.Sprintf(" = %q", short(cells[c]))
		}
		out = append(out, s)
	}
	return out
}

// judged explains the verdict of the contract's parser or of the processors on a whole event.
func (m *Mapping) judged(d *draft, invalid schemas.InvalidError) Refusal {
	return Refusal{File: d.at.file, Line: d.at.line, Rows: d.rows, Type: d.m.kind, Cells: m.cells(d.made(invalid.Field), d.at.cells), InvalidError: invalid}
}
