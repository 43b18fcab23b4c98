package imports

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"time"
	_ "time/tzdata" // zones must not depend on the machine's own list
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"

	"github.com/rapport-project/rapport/internal/yamlfile"
	"github.com/rapport-project/rapport/schemas"
)

const (
	wantSource = "where the rows are from, a URI-reference such as /import/call-center"
	wantEvents = "a list of events that a row becomes: {type: ..., id: ..., time: ..., data: {...}}"
	wantZone   = "the zone that times without one are of, such as America/New_York or UTC"
	wantCommon = "attributes and labels that all events share: {attributes: {...}, labels: {...}}"
)

// defaultLayouts cannot be taken for one another.
var defaultLayouts = []string{rfc3339, "%Y-%m-%d %H:%M:%S", "%Y-%m-%d"}

// reader turns the values of a file into a mapping; what is wrong is noted in the file.
type reader struct {
	m       *Mapping
	index   map[string]int // of columns
	aliases yamlfile.Object
	maps    map[string]wordMap
	clock   clock
	common  []fieldMapping
}

func (r *reader) mapping(root yamlfile.Value) {
	o := root.Object("source", "tenant", "file", "aliases", "blanks", "time", "maps", "common", "events")
	if source := o.Get("source"); source.Required(wantSource) {
		var ok bool
		if r.m.source, ok = source.Text(); ok {
			// The contract's own parser has the last word; this says it at the line.
			if _, err := url.Parse(r.m.source); err != nil || slices.ContainsFunc([]rune(r.m.source), func(c rune) bool { return c <= ' ' || c > '~' }) {
				source.Fail("%q; want %s", short(r.m.source), wantSource)
			}
		}
	}
	r.layout(o.Get("file"))
	r.aliases = o.Get("aliases").Entries()
	blanks := o.Get("blanks")
	for _, blank := range blanks.List(`a list of texts that mean nothing was said: ["", "N/A", "-"]`) {
		if s, ok := blank.Scalar(); ok {
			r.m.blanks[s] = true
		}
	}
	r.clocks(o.Get("time"))
	r.maps = map[string]wordMap{}
	named := o.Get("maps").Entries()
	for _, name := range named.Keys() {
		r.maps[name] = r.wordMap(named.Get(name))
	}
	r.shared(o.Get("common"))
	tenant := r.value(o.Get("tenant"), anyText)
	events := o.Get("events")
	events.Required(wantEvents)
	for i, v := range events.List(wantEvents) {
		e := r.event(v, fmt.Sprintf("events[%d]", i))
		if e.tenant == nil {
			e.tenant = tenant
		}
		for _, other := range r.m.events {
			if e.id != nil && other.id != nil && e.id.spelt() == other.id.spelt() && !apart(e.when, other.when) {
				v.Fail("its id is made as that of %s, and a row can become both; want an id of its own, such as %q", other.at, "closed-{number}")
				break
			}
		}
		r.m.events = append(r.m.events, e)
	}
	for _, name := range r.aliases.Keys() {
		if _, used := r.index[name]; !used {
			r.aliases.Get(name).Fail("nothing is made of column %q; want the name that the mapping uses, and what else the column is called", short(name))
		}
	}
}

func (r *reader) layout(v yamlfile.Value) {
	l := &r.m.file
	l.separator = ','
	o := v.Object("format", "separator", "encoding", "columns")
	if format, ok := o.Get("format").OneOf("csv", "ndjson"); ok {
		l.ndjson = format == "ndjson"
	}
	if s, ok := o.Get("separator").Scalar(); ok {
		if s == `\t` || s == "tab" {
			s = "\t"
		}
		c, size := utf8.DecodeRuneInString(s)
		if size != len(s) || size == 0 || c == '"' || c == '\r' || c == '\n' || c == utf8.RuneError {
			o.Get("separator").Fail(`%q; want one character such as ";", or tab`, short(s))
		} else {
			l.separator = c
		}
	}
	if name, ok := o.Get("encoding").Text(); ok {
		encoding, err := htmlindex.Get(name)
		canonical := ""
		if err == nil {
			canonical, err = htmlindex.Name(encoding)
		}
		if err != nil || canonical == "replacement" || canonical == "x-user-defined" {
			o.Get("encoding").Fail("%q is no encoding; want such as utf-8, windows-1252, gb18030, big5, utf-16le", short(name))
		}
		if canonical != "utf-8" {
			l.encoding = canonical
		}
	}
	for _, c := range o.Get("columns").List("the names of the columns, where the file has no header: [number, opened, closed]") {
		if name, ok := c.Text(); ok {
			if slices.Contains(l.header, name) {
				c.Fail("%q is there twice", name)
			}
			l.header = append(l.header, name)
		}
	}
	for _, key := range []string{"separator", "columns"} {
		if part := o.Get(key); l.ndjson && part.Exists() {
			part.Fail("lines of JSON have names and no separators; leave %s out", key)
		}
	}
}

func (r *reader) clocks(v yamlfile.Value) {
	o := v.Object("zone", "layouts")
	r.clock = r.clockOf(o.Get("zone"), o.Get("layouts"), clock{layouts: defaultLayouts})
}

// clockOf reads zone and layouts; what is not there is as in the fallback.
func (r *reader) clockOf(zone, layouts yamlfile.Value, fallback clock) clock {
	c := fallback
	if name, ok := zone.Text(); ok {
		location, err := time.LoadLocation(name)
		if err != nil || name == "Local" {
			zone.Fail("%q is no time zone; want %s", short(name), wantZone)
			location = time.UTC
		}
		c.zone = location
	}
	if layouts.Exists() {
		c.layouts = nil
		values := []yamlfile.Value{layouts}
		if layouts.IsList() {
			values = layouts.List("layouts of times")
		}
		for _, v := range values {
			if s, ok := v.Text(); ok {
				if detail := layoutError(s); detail != "" {
					v.Fail("%s", detail)
				}
				c.layouts = append(c.layouts, s)
			}
		}
	}
	return c
}

// shared reads what all events have in common.
func (r *reader) shared(v yamlfile.Value) {
	o := v.Object("attributes", "labels")
	if v.Exists() && len(o.Keys()) == 0 {
		v.Fail("empty; want %s", wantCommon)
	}
	r.common = r.tags(o)
}

// tags reads attributes and labels.
func (r *reader) tags(o yamlfile.Object) []fieldMapping {
	var fields []fieldMapping
	attributes := o.Get("attributes").Object(attributeNames...)
	for _, name := range attributes.Keys() {
		if slices.Contains(attributeNames, name) {
			fields = r.add(fields, attributes.Get(name), anyText, "attributes", name)
		}
	}
	labels := o.Get("labels").Entries()
	for _, name := range labels.Keys() {
		fields = r.add(fields, labels.Get(name), anyText, "labels", name)
	}
	return fields
}

func (r *reader) add(fields []fieldMapping, v yamlfile.Value, f field, path ...string) []fieldMapping {
	if made := r.value(v, f); made != nil {
		fields = append(fields, fieldMapping{path: path, value: made})
	}
	return fields
}

// typeNames are the types of the contract as a mapping names them.
func typeNames() []string {
	var names []string
	for _, t := range schemas.Types() {
		names = append(names, string(t))
	}
	return names
}

// wordMap turns words of the file into those of the contract; "" is blank.
type wordMap struct {
	words map[string]string
	where map[string]yamlfile.Value
	made  bool
}

func (r *reader) wordMap(v yamlfile.Value) wordMap {
	w := wordMap{words: map[string]string{}, where: map[string]yamlfile.Value{}, made: v.Exists()}
	o := v.Entries()
	for _, from := range o.Keys() {
		to := o.Get(from)
		w.where[from] = to
		if !to.Exists() {
			w.words[from] = "" // null: as if nothing had been said
		} else if s, ok := to.Scalar(); ok {
			w.words[from] = s
		}
	}
	return w
}

// check notes words that the field cannot take.
func (w wordMap) check(c conversion) {
	for _, from := range slices.Sorted(maps.Keys(w.words)) {
		if to := w.words[from]; to != "" {
			if _, wrong := c.json(to); wrong != nil {
				w.where[from].Fail("%s", wrong.detail)
			}
		}
	}
}
