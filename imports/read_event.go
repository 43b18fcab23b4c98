package imports

import (
	"slices"
	"strings"

	"github.com/rapport-project/rapport/internal/yamlfile"
	"github.com/rapport-project/rapport/schemas"
)

const (
	wantID     = `what names the event for ever, such as "{number}" or {hash: [number, opened]}`
	wantTime   = `when it happened, such as "{opened}" or "{date} {time}"`
	wantItem   = "the item of the questionnaire"
	wantAnswer = `a list of answers: {item: speed, score: "{q1}"}`
)

func (r *reader) event(v yamlfile.Value, at string) *eventMapping {
	e := &eventMapping{at: at}
	o := v.Object("type", "when", "id", "time", "tenant", "revision", "gather", "data")
	if kind := o.Get("type"); kind.Required("one of " + strings.Join(typeNames(), ", ")) {
		name, _ := kind.OneOf(typeNames()...)
		e.kind = schemas.Type(name)
	}
	e.when = r.conditions(o.Get("when"))
	if id := o.Get("id"); id.Required(wantID) {
		e.id = r.value(id, anyText)
		if e.id != nil && e.id.constant() {
			id.Fail("the same for every row; want %s", wantID)
		}
	}
	if at := o.Get("time"); at.Required(wantTime) {
		e.time = r.value(at, pointInAge)
	}
	e.tenant = r.value(o.Get("tenant"), anyText)
	e.revision = r.value(o.Get("revision"), wholeNum)
	if e.kind != "" {
		r.data(e, o.Get("data"))
	}
	r.gather(e, o.Get("gather"))
	return e
}

// data reads the fields of an event's data, and adds what is common to all.
func (r *reader) data(e *eventMapping, v yamlfile.Value) {
	s := shapeOf(e.kind)
	known := append(slices.Clone(s.order), "attributes", "labels")
	if len(s.due) > 0 {
		known = append(known, "due")
	}
	if s.answers {
		known = append(known, "answers")
	}
	o := v.Object(known...)
	for _, name := range s.required {
		o.Get(name).Required("a value; " + string(e.kind) + " cannot do without it")
	}
	if len(s.required) > 0 && !v.Exists() {
		v.Required("the fields of the event, " + strings.Join(s.required, ", ") + " among them")
	}
	for _, name := range s.order {
		e.fields = r.add(e.fields, o.Get(name), s.fields[name], name)
	}
	if len(s.due) > 0 {
		due := o.Get("due").Object(s.due...)
		for _, name := range due.Keys() {
			if slices.Contains(s.due, name) {
				e.fields = r.add(e.fields, due.Get(name), pointInAge, "due", name)
			}
		}
	}
	own := r.tags(o)
	for _, c := range r.common {
		if !slices.ContainsFunc(own, func(f fieldMapping) bool { return slices.Equal(f.path, c.path) }) {
			own = append(own, c)
		}
	}
	// The writer opens an object once: what is of one object stands together.
	slices.SortStableFunc(own, func(a, b fieldMapping) int { return strings.Compare(a.path[0], b.path[0]) })
	e.fields = append(e.fields, own...)
	if s.answers {
		r.answers(e, o.Get("answers"))
	}
}

func (r *reader) answers(e *eventMapping, v yamlfile.Value) {
	for _, a := range v.List(wantAnswer) {
		o := a.Object(append([]string{"item"}, answerNames[:]...)...)
		var m answerMapping
		if item := o.Get("item"); item.Required(wantItem) {
			m.item = r.value(item, anyText)
		}
		given := false
		for i, name := range answerNames {
			m.values[i] = r.value(o.Get(name), answerField(name))
			given = given || m.values[i] != nil
		}
		if !given {
			a.Fail("nothing is answered; want one of %s at least", strings.Join(answerNames[:], ", "))
		}
		e.answers = append(e.answers, m)
	}
}

func (r *reader) gather(e *eventMapping, v yamlfile.Value) {
	if !v.Exists() {
		return
	}
	o := v.Object("by", "adjacent")
	g := &gather{}
	by := o.Get("by")
	by.Required("the columns whose equal values make rows one event: [respondent]")
	for _, c := range by.List("a list of columns: [respondent]") {
		if name, ok := c.Text(); ok {
			g.by = append(g.by, r.column(name, c))
		}
	}
	g.adjacent, _ = o.Get("adjacent").Bool()
	if e.id != nil {
		for _, i := range e.id.columns() {
			if len(g.by) > 0 && !slices.Contains(g.by, i) {
				v.Fail("id needs column %q, in which gathered rows may differ; want an id made of columns in by", r.m.columns[i].name)
			}
		}
	}
	e.gather = g
}

// condition on a column: present, or one of some words, or none of them.
type condition struct {
	column  int
	present *bool
	not     bool
	words   []string
}

// conditions reads one condition or a list of them, which must all hold.
func (r *reader) conditions(v yamlfile.Value) []condition {
	if !v.Exists() {
		return nil
	}
	values := []yamlfile.Value{v}
	if v.IsList() {
		values = v.List("conditions")
	}
	var all []condition
	for _, v := range values {
		o := v.Object("column", "present", "is", "is_not")
		c := condition{column: -1}
		if at := o.Get("column"); at.Required("the column it is about") {
			if name, ok := at.Text(); ok {
				c.column = r.column(name, at)
			}
		}
		said := 0
		if present, ok := o.Get("present").Bool(); ok {
			c.present = &present
		}
		for _, key := range []string{"present", "is", "is_not"} {
			if o.Get(key).Exists() {
				said++
			}
		}
		if said != 1 {
			v.Fail("want one of present: true or false, is: a word or a list, is_not: a word or a list")
		}
		for _, key := range []string{"is", "is_not"} {
			words := o.Get(key)
			if !words.Exists() {
				continue
			}
			c.not = key == "is_not"
			each := []yamlfile.Value{words}
			if words.IsList() {
				each = words.List("words")
			}
			for _, w := range each {
				if s, ok := w.Scalar(); ok {
					c.words = append(c.words, strings.TrimSpace(s))
				}
			}
		}
		all = append(all, c)
	}
	return all
}

func (c condition) holds(cells []string) bool {
	cell := cells[c.column]
	if c.present != nil {
		return (cell != "") == *c.present
	}
	return slices.Contains(c.words, cell) != c.not
}

func hold(all []condition, cells []string) bool {
	for _, c := range all {
		if !c.holds(cells) {
			return false
		}
	}
	return true
}

// apart says whether no row can meet both: some column must be of one set of words here and of another there.
func apart(a, b []condition) bool {
	for _, x := range a {
		for _, y := range b {
			if x.column != y.column {
				continue
			}
			switch {
			case x.present != nil && y.present != nil:
				if *x.present != *y.present {
					return true
				}
			case x.present == nil && y.present == nil && !x.not && !y.not:
				if !slices.ContainsFunc(x.words, func(w string) bool { return slices.Contains(y.words, w) }) {
					return true
				}
			}
		}
	}
	return false
}
