package imports

import (
	"slices"
	"strconv"
	"strings"

	"github.com/rapport-project/rapport/schemas"
)

// row is one record of a file; cells are the values of the mapping's columns, trimmed, blanks as "".
type row struct {
	file  string
	line  int
	cells []string
}

// draft is an event in the making: JSON per field, "" where blank.
type draft struct {
	m                          *eventMapping
	at                         row // the first of its rows, without cells once it has gathered others
	rows                       int
	id, time, tenant, revision string
	fields                     []string
	answers                    []draftAnswer
}

// draftAnswer is one answer: its item, and JSON of the values in the order of answerNames.
type draftAnswer struct {
	item   string
	from   *answerMapping
	values [len(answerNames)]string
}

// draft makes the event of a row. Both results are nil where the mapping's condition says that there is none.
func (e *eventMapping) draft(r row, m *Mapping) (*draft, *Refusal) {
	if !hold(e.when, r.cells) {
		return nil, nil
	}
	d := &draft{m: e, at: r, rows: 1, fields: make([]string, len(e.fields))}
	set := func(to *string, v *value, pointer string, of func([]string) (string, *verdict)) *Refusal {
		s, wrong := of(r.cells)
		*to = s
		return m.refusal(r, e, v, pointer, wrong)
	}
	if refused := set(&d.id, e.id, "/id", e.id.text); refused != nil {
		return nil, refused
	}
	if refused := set(&d.time, e.time, "/time", e.time.of); refused != nil {
		return nil, refused
	}
	if e.tenant != nil {
		if refused := set(&d.tenant, e.tenant, "/tenant", e.tenant.of); refused != nil {
			return nil, refused
		}
	}
	if e.revision != nil {
		if refused := set(&d.revision, e.revision, "/revision", e.revision.of); refused != nil {
			return nil, refused
		}
	}
	for i, f := range e.fields {
		if refused := set(&d.fields[i], f.value, "/data/"+strings.Join(f.path, "/"), f.value.of); refused != nil {
			return nil, refused
		}
	}
	return d, d.answer(r, m)
}

// answer adds the answers of a row; one of which nothing is said is no answer.
func (d *draft) answer(r row, m *Mapping) *Refusal {
	for i := range d.m.answers {
		from := &d.m.answers[i]
		a := draftAnswer{from: from}
		pointer := "/data/answers/" + strconv.Itoa(len(d.answers)) + "/"
		said := false
		for j, v := range from.values {
			if v == nil {
				continue
			}
			s, wrong := v.of(r.cells)
			if refused := m.refusal(r, d.m, v, pointer+answerNames[j], wrong); refused != nil {
				return refused
			}
			a.values[j] = s
			said = said || s != ""
		}
		if !said {
			continue
		}
		var wrong *verdict
		if a.item, wrong = from.item.text(r.cells); wrong == nil && a.item == "" {
			wrong = &verdict{schemas.MissingField, "the item is blank"}
		}
		if refused := m.refusal(r, d.m, from.item, pointer+"item", wrong); refused != nil {
			return refused
		}
		a.item = strings.Clone(a.item) // it may be a cell, which would keep its whole row in memory while the event gathers
		if refused := d.join(a, r, m); refused != nil {
			return refused
		}
	}
	return nil
}

// join adds an answer to one of the same item, as where score and expectation come in rows of their own.
func (d *draft) join(a draftAnswer, r row, m *Mapping) *Refusal {
	i := slices.IndexFunc(d.answers, func(have draftAnswer) bool { return have.item == a.item })
	if i < 0 {
		d.answers = append(d.answers, a)
		return nil
	}
	have := &d.answers[i]
	for j, s := range a.values {
		if s == "" {
			continue
		}
		if have.values[j] != "" && have.values[j] != s {
			return m.refusal(r, d.m, a.from.values[j], "/data/answers/"+strconv.Itoa(i)+"/"+answerNames[j],
				&verdict{schemas.DuplicateItem, "item " + short(a.item) + " has " + short(have.values[j]) + " from another row, and here " + short(s)})
		}
		have.values[j] = s
	}
	return nil
}

// merge adds what another row says of the same event. What both say must agree.
func (d *draft) merge(o *draft, m *Mapping) *Refusal {
	r := o.at
	disagree := func(have *string, more string, v *value, pointer string) *Refusal {
		switch {
		case *have == "":
			*have = more
		case more != "" && more != *have:
			return m.refusal(r, d.m, v, pointer, &verdict{schemas.InvalidFormat, "rows of one event disagree: " + short(*have) + " in line " +
				strconv.Itoa(d.at.line) + ", and here " + short(more)})
		}
		return nil
	}
	if refused := disagree(&d.time, o.time, d.m.time, "/time"); refused != nil {
		return refused
	}
	if refused := disagree(&d.tenant, o.tenant, d.m.tenant, "/tenant"); refused != nil {
		return refused
	}
	if refused := disagree(&d.revision, o.revision, d.m.revision, "/revision"); refused != nil {
		return refused
	}
	for i, f := range d.m.fields {
		if refused := disagree(&d.fields[i], o.fields[i], f.value, "/data/"+strings.Join(f.path, "/")); refused != nil {
			return refused
		}
	}
	for _, a := range o.answers {
		if refused := d.join(a, r, m); refused != nil {
			return refused
		}
	}
	d.rows += o.rows
	return nil
}

// json is the event as a structured CloudEvent. What is blank is left out, so that the contract's parser tells what is missing.
func (d *draft) json(source string) []byte {
	b := append(make([]byte, 0, 512), `{"specversion":"1.0","datacontenttype":"application/json"`...)
	member := func(name, value string) {
		if value != "" {
			b = append(b, ',')
			b = append(b, quote(name)...)
			b = append(b, ':')
			b = append(b, value...)
		}
	}
	if d.id != "" {
		member("id", quote(d.id))
	}
	member("source", quote(source))
	member("type", quote(string(d.m.kind)))
	member("time", d.time)
	member("tenant", d.tenant)
	member("revision", d.revision)
	b = append(b, `,"data":`...)
	b = d.data(b)
	return append(b, '}')
}

func (d *draft) data(b []byte) []byte {
	b = append(b, '{')
	group, comma := "", false
	separate := func() {
		if comma {
			b = append(b, ',')
		}
		comma = true
	}
	for i, f := range d.m.fields {
		if d.fields[i] == "" {
			continue
		}
		head := ""
		if len(f.path) > 1 {
			head = f.path[0]
		}
		if head != group {
			if group != "" {
				b = append(b, '}')
			}
			if head != "" {
				separate()
				b = append(append(b, quote(head)...), ':', '{')
				comma = false
			}
			group = head
		}
		separate()
		b = append(append(b, quote(f.path[len(f.path)-1])...), ':')
		b = append(b, d.fields[i]...)
	}
	if group != "" {
		b = append(b, '}')
		comma = true
	}
	if len(d.answers) > 0 {
		separate()
		b = append(b, `"answers":[`...)
		for i, a := range d.answers {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(append(b, `{"item":`...), quote(a.item)...)
			for j, s := range a.values {
				if s != "" {
					b = append(append(append(b, ',', '"'), answerNames[j]...), '"', ':')
					b = append(b, s...)
				}
			}
			b = append(b, '}')
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

// size is about what the draft holds in memory, in bytes.
func (d *draft) size() int {
	n := 256 + len(d.id) + len(d.time) + 16*len(d.fields)
	for _, f := range d.fields {
		n += len(f)
	}
	for _, a := range d.answers {
		n += 112 + len(a.item)
		for _, s := range a.values {
			n += len(s)
		}
	}
	return n
}

// at is the value that a JSON pointer of the event was made by; nil where none was.
func (d *draft) made(pointer string) *value {
	switch pointer {
	case "/id":
		return d.m.id
	case "/time":
		return d.m.time
	case "/tenant":
		return d.m.tenant
	case "/revision":
		return d.m.revision
	}
	path := strings.Split(strings.TrimPrefix(pointer, "/data/"), "/")
	if path[0] == "answers" && len(path) > 2 {
		i, err := strconv.Atoi(path[1])
		if err != nil || i >= len(d.answers) {
			return nil
		}
		if path[2] == "item" {
			return d.answers[i].from.item
		}
		if j := slices.Index(answerNames[:], path[2]); j >= 0 {
			return d.answers[i].from.values[j]
		}
		return nil
	}
	for _, f := range d.m.fields {
		if slices.Equal(f.path, path) {
			return f.value
		}
	}
	return nil
}
