package imports

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/rapport-project/rapport/schemas"
)

// table reads CSV.
type table struct {
	m      *Mapping
	name   string
	csv    *csv.Reader
	bound  *bound
	header []string
	places []int // of the mapping's columns among those of the file
	line   int
}

// newTable reads the header and finds the mapping's columns in it; all that are not there are told at once.
func newTable(m *Mapping, name string, in io.Reader) (*table, error) {
	limited := &bound{r: in}
	t := &table{m: m, name: name, csv: csv.NewReader(limited), bound: limited, header: m.file.header}
	t.csv.Comma, t.csv.ReuseRecord, t.csv.FieldsPerRecord = m.file.separator, true, -1
	if t.header == nil {
		header, err := t.csv.Read()
		if errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%s: the file is empty; want a header with the names of the columns", name)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: header: %w", name, err)
		}
		for _, h := range header {
			if m.file.encoding == "" && !utf8.ValidString(h) {
				return nil, fmt.Errorf("%s: the header is not UTF-8: %q; say file.encoding, such as windows-1252 or gb18030", name, h)
			}
			t.header = append(t.header, strings.TrimSpace(strings.Clone(h)))
		}
	}
	var missing []string
	for _, column := range m.columns {
		place := -1
		for i, h := range t.header {
			if h != column.name && !slices.Contains(column.aliases, h) {
				continue
			}
			if place >= 0 {
				return nil, fmt.Errorf("%s: columns %q and %q are both there for %s", name, t.header[place], h, column.where)
			}
			place = i
		}
		if place < 0 {
			missing = append(missing, fmt.Sprintf("%s: there is no column %q in %s", column.where, column.name, name))
		}
		t.places = append(t.places, place)
	}
	if missing != nil {
		hint := ""
		if len(t.header) == 1 {
			hint = fmt.Sprintf("\nthere is no other: if they are not separated by %q, say file.separator", m.file.separator)
		}
		return nil, fmt.Errorf("%s\nthe columns are: %s%s", strings.Join(missing, "\n"), strings.Join(quoted(t.header), ", "), hint)
	}
	return t, nil
}

func quoted(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = fmt.Sprintf("%q", n)
	}
	return out
}

func (t *table) next() (row, *Refusal, error) {
	t.bound.read = 0
	record, err := t.csv.Read()
	var syntax *csv.ParseError
	switch {
	case errors.Is(err, errTooLong):
		return row{}, nil, fmt.Errorf("%s: the row after line %d has over %d MiB: a quote there may lack its other half", t.name, t.line, maxRecordBytes>>20)
	case errors.As(err, &syntax):
		t.line = syntax.Line
		return row{}, unreadable(t.name, syntax.StartLine, schemas.InvalidFormat, nil, fmt.Sprintf("the row cannot be read: %v; a cell with quotes in it stands in quotes, with each of them doubled", syntax.Err)), nil
	case errors.Is(err, io.EOF):
		return row{}, nil, io.EOF
	case err != nil:
		return row{}, nil, fmt.Errorf("%s: after line %d: %w", t.name, t.line, err)
	}
	t.line, _ = t.csv.FieldPos(0)
	r := row{file: t.name, line: t.line, cells: make([]string, len(t.places))}
	if len(record) != len(t.header) {
		return row{}, unreadable(t.name, t.line, schemas.InvalidFormat, nil, fmt.Sprintf("the row has %d fields and the header %d", len(record), len(t.header))), nil
	}
	for i, place := range t.places {
		s, wrong := t.m.cell(record[place])
		if wrong != nil {
			return row{}, unreadable(t.name, t.line, wrong.reason, []string{fmt.Sprintf("column %q", t.header[place])}, wrong.detail), nil
		}
		r.cells[i] = s
	}
	return r, nil, nil
}

var errTooLong = errors.New("a row is too long")

// bound refuses to read on within one record for ever.
type bound struct {
	r    io.Reader
	read int
}

func (b *bound) Read(p []byte) (int, error) {
	if b.read > maxRecordBytes {
		return 0, errTooLong
	}
	n, err := b.r.Read(p)
	b.read += n
	return n, err
}
