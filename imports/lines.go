package imports

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/rapport-project/rapport/schemas"
)

// lines reads NDJSON: an object a line; a column is a member's name, or a path of names with dots.
type lines struct {
	m    *Mapping
	name string
	in   *bufio.Reader
	line int
}

func newLines(m *Mapping, name string, in io.Reader) *lines {
	return &lines{m: m, name: name, in: bufio.NewReaderSize(in, 64<<10)}
}

func (l *lines) next() (row, *Refusal, error) {
	for {
		text, err := l.read()
		if len(text) == 0 && err != nil {
			return row{}, nil, err
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return row{}, nil, err
		}
		if text = bytes.TrimSpace(text); len(text) > 0 {
			r, refused := l.row(text)
			return r, refused, nil
		}
	}
}

// read reads a line without keeping more of it than a record may have.
func (l *lines) read() ([]byte, error) {
	l.line++
	var line []byte
	for {
		part, err := l.in.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > maxRecordBytes {
			return nil, fmt.Errorf("%s: line %d has over %d MiB", l.name, l.line, maxRecordBytes>>20)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%s: line %d: %w", l.name, l.line, err)
		}
		return line, err
	}
}

func (l *lines) row(text []byte) (row, *Refusal) {
	if !utf8.Valid(text) { // which the decoder would mend in silence
		return row{}, unreadable(l.name, l.line, schemas.NotUTF8, nil, "the line is not UTF-8; say file.encoding, such as windows-1252 or gb18030")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber() // digits as they are written
	var object map[string]any
	err := d.Decode(&object)
	if err == nil && d.More() {
		err = errors.New("more than one value")
	}
	if err == nil && object == nil {
		err = errors.New("null")
	}
	if err != nil {
		return row{}, unreadable(l.name, l.line, schemas.NotJSON, nil, fmt.Sprintf("the line is no JSON object: %v", err))
	}
	r := row{file: l.name, line: l.line, cells: make([]string, len(l.m.columns))}
	for i, column := range l.m.columns {
		found := find(object, column.name)
		for _, alias := range column.aliases {
			if found == nil {
				found = find(object, alias)
			}
		}
		s, ok := scalar(found)
		if !ok {
			return row{}, unreadable(l.name, l.line, schemas.WrongType, []string{fmt.Sprintf("column %q", column.name)}, "an object or a list; want text, a number or a boolean")
		}
		s, wrong := l.m.cell(s)
		if wrong != nil {
			return row{}, unreadable(l.name, l.line, wrong.reason, []string{fmt.Sprintf("column %q", column.name)}, wrong.detail)
		}
		r.cells[i] = s
	}
	return r, nil
}

// find follows a name, or else a path with dots; nil where nothing is there.
func find(object map[string]any, name string) any {
	if v, ok := object[name]; ok {
		return v
	}
	head, rest, dotted := strings.Cut(name, ".")
	if inner, ok := object[head].(map[string]any); ok && dotted {
		return find(inner, rest)
	}
	return nil
}

// scalar is a JSON value as a cell; null is blank.
func scalar(v any) (string, bool) {
	switch v := v.(type) {
	case nil:
		return "", true
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return fmt.Sprint(v), true
	}
	return "", false
}
