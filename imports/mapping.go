package imports

import (
	"github.com/rapport-project/rapport/internal/yamlfile"
	"github.com/rapport-project/rapport/schemas"
)

// Mapping says how the rows of a file become events.
type Mapping struct {
	name    string
	file    layout
	source  string
	columns []use
	blanks  map[string]bool
	events  []*eventMapping
}

// use is a column that the mapping names, where it does so first, and what else it may be called in a file.
type use struct {
	name, where string
	aliases     []string
}

// layout is how a file is laid out.
type layout struct {
	ndjson    bool
	separator rune
	encoding  string   // name of the WHATWG's list; "" is UTF-8
	header    []string // names of the columns where the file has no header
}

// eventMapping is one kind of event that rows become.
type eventMapping struct {
	at       string // its place in the mapping, for messages
	kind     schemas.Type
	when     []condition
	id, time *value
	tenant   *value // nil: the default tenant
	revision *value // nil: 0
	fields   []fieldMapping
	answers  []answerMapping
	gather   *gather
}

// fieldMapping gives a field of data its value; path is {nps}, {attributes region} or {due resolved}.
type fieldMapping struct {
	path  []string
	value *value
}

// answerMapping is one answer; values are in the order of answerNames, nil where not mapped.
type answerMapping struct {
	item   *value
	values [len(answerNames)]*value
}

// gather makes many rows one event.
type gather struct {
	by       []int // columns whose equal values make rows one
	adjacent bool
}

// Types are the event types that the mapping can make, each once.
func (m *Mapping) Types() []schemas.Type {
	var types []schemas.Type
	for _, t := range schemas.Types() {
		for _, e := range m.events {
			if e.kind == t {
				types = append(types, t)
				break
			}
		}
	}
	return types
}

// Source is the CloudEvents source of all its events.
func (m *Mapping) Source() string { return m.source }

// Check reads a mapping file and answers every mistake in it, or the mapping; name is only for messages.
func Check(name string, text []byte) (*Mapping, yamlfile.Problems) {
	file := yamlfile.Parse(name, text)
	r := reader{m: &Mapping{name: name, blanks: map[string]bool{"": true}}, index: map[string]int{}}
	r.mapping(file.Root())
	if problems := file.Problems(); len(problems) > 0 {
		return nil, problems
	}
	return r.m, nil
}
