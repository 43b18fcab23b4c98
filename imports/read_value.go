package imports

import (
	"slices"
	"strings"

	"github.com/rapport-project/rapport/internal/yamlfile"
)

// value reads a template, or the long form with all that can be said of a value; nil where v is absent or wrong.
func (r *reader) value(v yamlfile.Value, f field) *value {
	if !v.Exists() {
		return nil
	}
	out := &value{conversion: conversion{field: f, clock: r.clock, unit: units[0], split: ";"}, otherwise: refuse}
	var ok bool
	if v.IsMapping() {
		ok = r.long(v, out)
	} else if s, is := v.Scalar(); is {
		out.pieces, ok = r.template(s, v)
	} else {
		return nil
	}
	if !ok {
		return nil
	}
	if f.kind == instant && out.clock.zone == nil && slices.ContainsFunc(out.clock.layouts, naive) {
		v.Fail("time.zone is missing, and a layout has no offset of its own; want %s", wantZone)
		return nil
	}
	if out.constant() && out.words == nil {
		if s := out.pieces[0].text; s != "" {
			if _, wrong := out.json(s); wrong != nil {
				v.Fail("%s", wrong.detail)
			}
		}
	}
	return out
}

// long reads a value that is more than a template.
func (r *reader) long(v yamlfile.Value, out *value) bool {
	o := v.Object("column", "value", "hash", "prefix", "when", "map", "otherwise", "default", "split", "unit", "zone", "layouts")
	out.when = r.conditions(o.Get("when"))
	out.clock = r.clockOf(o.Get("zone"), o.Get("layouts"), out.clock)
	if unit, ok := o.Get("unit").OneOf(units...); ok {
		out.unit = unit
	}
	if s, ok := o.Get("split").Scalar(); ok && s != "" {
		out.split = s
	}
	for key, kind := range map[string]kind{"zone": instant, "layouts": instant, "unit": seconds, "split": list} {
		if at := o.Get(key); at.Exists() && out.field.kind != kind {
			at.Fail("it says nothing about this field; leave it out")
		}
	}
	ok := r.origin(v, o, out)
	w := r.wordMapOf(o.Get("map"))
	if w.made {
		w.check(out.conversion)
		out.words = w.words
	}
	if s, given := o.Get("otherwise").OneOf(refuse, keep, blank); given {
		out.otherwise = s
		if !w.made {
			o.Get("otherwise").Fail("there is no map; leave it out")
		}
	}
	if s, given := o.Get("default").Scalar(); o.Get("default").Exists() && given {
		out.fallback = s
		if _, wrong := out.json(s); wrong != nil {
			o.Get("default").Fail("%s", wrong.detail)
		}
	}
	return ok
}

// origin reads where a value comes from: a column, a template or a hash of columns.
func (r *reader) origin(v yamlfile.Value, o yamlfile.Object, out *value) bool {
	column, template, hash := o.Get("column"), o.Get("value"), o.Get("hash")
	given := 0
	for _, at := range []yamlfile.Value{column, template, hash} {
		if at.Exists() {
			given++
		}
	}
	if given != 1 {
		v.Fail(`want one of column: a name, value: a text such as "{date} {time}", hash: a list of columns`)
		return false
	}
	if prefix := o.Get("prefix"); prefix.Exists() {
		s, _ := prefix.Scalar()
		out.pieces = []piece{{text: s, column: -1}}
		if !hash.Exists() {
			prefix.Fail(`it goes with hash alone; want value: "prefix-{column}"`)
		}
	}
	switch {
	case column.Exists():
		name, ok := column.Text()
		if !ok {
			return false
		}
		out.pieces = []piece{{column: r.column(name, column)}}
	case template.Exists():
		s, ok := template.Scalar()
		if !ok {
			return false
		}
		out.pieces, ok = r.template(s, template)
		return ok
	default:
		for _, c := range hash.List("a list of columns: [number, opened]") {
			if name, ok := c.Text(); ok {
				out.hash = append(out.hash, r.column(name, c))
			}
		}
		return len(out.hash) > 0
	}
	return true
}

// wordMapOf reads a map that stands here, or the name of one under maps.
func (r *reader) wordMapOf(v yamlfile.Value) wordMap {
	if !v.Exists() || v.IsMapping() {
		return r.wordMap(v)
	}
	name, ok := v.Text()
	if named, there := r.maps[name]; there {
		return named
	}
	if ok {
		v.Fail("there is no map %q; want one of those under maps, or a map here: {Y: true, N: false}", short(name))
	}
	return wordMap{}
}

// template reads text with {columns} in it; {{ and }} are braces.
func (r *reader) template(s string, at yamlfile.Value) ([]piece, bool) {
	var pieces []piece
	var text strings.Builder
	flush := func() {
		if text.Len() > 0 {
			pieces = append(pieces, piece{text: text.String(), column: -1})
			text.Reset()
		}
	}
	for s != "" {
		i := strings.IndexAny(s, "{}")
		if i < 0 {
			text.WriteString(s)
			break
		}
		text.WriteString(s[:i])
		brace := s[i]
		s = s[i+1:]
		if s != "" && s[0] == brace {
			text.WriteByte(brace)
			s = s[1:]
			continue
		}
		name, rest, closed := strings.Cut(s, "}")
		if brace == '}' || !closed || strings.TrimSpace(name) == "" {
			at.Fail("a brace is not of a pair; want {column}, or {{ and }} for braces as such")
			return nil, false
		}
		flush()
		pieces = append(pieces, piece{column: r.column(name, at)})
		s = rest
	}
	flush()
	if len(pieces) == 0 {
		pieces = []piece{{column: -1}}
	}
	return pieces, true
}

// column is the place of a column among those that the mapping names.
func (r *reader) column(name string, at yamlfile.Value) int {
	name = strings.TrimSpace(name)
	if i, ok := r.index[name]; ok {
		return i
	}
	if header := r.m.file.header; header != nil && !slices.Contains(header, name) {
		at.Fail("file.columns has no %q; want one of %s", short(name), strings.Join(header, ", "))
	}
	i := len(r.m.columns)
	r.index[name] = i
	column := use{name: name, where: at.Where()}
	for _, alias := range r.aliases.Get(name).List("what else the column is called: [sla_target_dt]") {
		if s, ok := alias.Text(); ok {
			column.aliases = append(column.aliases, strings.TrimSpace(s))
		}
	}
	r.m.columns = append(r.m.columns, column)
	return i
}
