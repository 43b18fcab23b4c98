package front

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
)

// externalTable is data sent along with a query, readable in it as a temporary table.
type externalTable struct {
	name, structure, format string
	data                    []byte
}

// maxFormBytes bounds a form, which is held in memory: it is for parameters and small tables.
const maxFormBytes = 256 << 20

// readForm reads a multipart body: parts are parameters like those of the address, or external tables where the
// parameter NAME_structure or NAME_types describes them; NAME_format is the format of the table's data.
func readForm(contentType string, body io.Reader, query url.Values) (url.Values, []externalTable, error) {
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return nil, nil, newError(codeBadArguments, "BAD_ARGUMENTS", "Content-Type of the form: %v", err)
	}
	fields := url.Values{}
	var tables []externalTable
	form := multipart.NewReader(io.LimitReader(body, maxFormBytes), params["boundary"])
	for {
		part, err := form.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, bodyError(err)
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return nil, nil, bodyError(err)
		}
		if name := part.FormName(); isTable(name, query, fields) {
			tables = append(tables, externalTable{name: name, data: data})
		} else {
			fields.Add(name, string(data))
		}
	}
	get := func(name string) string { return first(query.Get(name), fields.Get(name)) }
	for i := range tables {
		t := &tables[i]
		t.structure, t.format = get(t.name+"_structure"), first(get(t.name+"_format"), "TabSeparated")
		if t.structure == "" {
			t.structure = structureOfTypes(get(t.name + "_types"))
		}
	}
	return fields, tables, nil
}

// isTable tells a table's data from a parameter: its columns are described by a parameter that comes before it.
func isTable(name string, sources ...url.Values) bool {
	for _, v := range sources {
		if v.Has(name+"_structure") || v.Has(name+"_types") {
			return true
		}
	}
	return false
}

// structureOfTypes names columns _1, _2 and so on, as ClickHouse does when only types are given.
func structureOfTypes(types string) string {
	out := ""
	l := lexer{text: types}
	depth, start, n := 0, 0, 0
	add := func(end int) {
		n++
		if out != "" {
			out += ", "
		}
		out += "_" + itoa(n) + " " + types[start:end]
	}
	for t := l.next(); t.kind != tokenEnd; t = l.next() {
		switch types[t.start] {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				add(t.start)
				start = t.end
			}
		}
	}
	add(len(types))
	return out
}
