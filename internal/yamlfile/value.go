package yamlfile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // a static binary on a machine without zone files knows the zones

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// Value is one value of a file, or the place where one could be. The readers below answer false, and note a problem, where
// the value is not as wanted; an absent or null value answers false without a problem, so ask Required for what must be there.
type Value struct {
	file  *File
	node  ast.Node // nil: absent
	line  int
	field string
	// quiet: the mapping around it is missing or no mapping, which has been said already or is allowed.
	quiet bool
}

// Exists says whether something other than null is there.
func (v Value) Exists() bool {
	if v.node == nil {
		return false
	}
	_, null := v.node.(*ast.NullNode)
	return !null
}

// IsMapping says whether a mapping is there, for what may be written in a short and a long form.
func (v Value) IsMapping() bool {
	_, mapping := v.node.(*ast.MappingNode)
	return mapping
}

// Fail notes a problem with the value.
func (v Value) Fail(format string, args ...any) {
	v.file.add(v.line, v.field, fmt.Sprintf(format, args...))
}

// Problem is a mistake in the value that shows only beside other files; it is not noted.
func (v Value) Problem(format string, args ...any) Problem {
	return Problem{File: v.file.name, Line: v.line, Field: v.field, Detail: fmt.Sprintf(format, args...)}
}

// Required notes a problem where the value is absent or null, and answers whether it exists; want says what it should be.
func (v Value) Required(want string) bool {
	if v.Exists() {
		return true
	}
	if !v.quiet {
		v.Fail("missing; want %s", want)
	}
	return false
}

// Text reads text that is not empty. A number is taken as it is written, so that a version 1.10 stays "1.10".
func (v Value) Text() (string, bool) {
	if !v.Exists() {
		return "", false
	}
	var text string
	switch node := v.node.(type) {
	case *ast.StringNode:
		text = node.Value
	case *ast.LiteralNode:
		text = strings.TrimRight(node.Value.Value, "\n")
	case *ast.IntegerNode, *ast.FloatNode:
		text = node.GetToken().Value
	default:
		v.Fail("%s; want text", v.found())
		return "", false
	}
	if strings.TrimSpace(text) == "" {
		v.Fail("empty; want text")
		return "", false
	}
	return text, true
}

// Int reads a whole number from lo to hi.
func (v Value) Int(lo, hi int) (int, bool) {
	if !v.Exists() {
		return 0, false
	}
	digits, ok := v.number()
	n, err := strconv.Atoi(digits)
	if !ok || err != nil || n < lo || n > hi {
		v.Fail("%s; want a whole number from %d to %d", v.found(), lo, hi)
		return 0, false
	}
	return n, true
}

// Decimal reads a decimal from lo to hi exactly, with at most six places.
func (v Value) Decimal(lo, hi int) (Decimal, bool) {
	if !v.Exists() {
		return Decimal{}, false
	}
	digits, ok := v.number()
	d, exact := parseDecimal(digits)
	if !ok || !exact || d.Cmp(whole(lo)) < 0 || d.Cmp(whole(hi)) > 0 {
		v.Fail("%s; want a number from %d to %d with at most %d decimals", v.found(), lo, hi, maxPlaces)
		return Decimal{}, false
	}
	return d, true
}

// Date reads a day as 2006-01-02, midnight UTC.
func (v Value) Date() (time.Time, bool) {
	if !v.Exists() {
		return time.Time{}, false
	}
	if node, ok := v.node.(*ast.StringNode); ok {
		if day, err := time.Parse(time.DateOnly, node.Value); err == nil {
			return day, true
		}
	}
	v.Fail("%s; want a date such as 2025-01-31", v.found())
	return time.Time{}, false
}

// Zone reads a time zone by its name in the tz database.
func (v Value) Zone() (*time.Location, bool) {
	name, ok := v.Text()
	if !ok {
		return nil, false
	}
	// "Local" is the machine's own zone: what a file says must not depend on where the process runs.
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		v.Fail("%.80q is no time zone; want a name of the tz database, such as Asia/Shanghai or Europe/Berlin", name)
		return nil, false
	}
	return zone, true
}

// OneOf reads one of the given words.
func (v Value) OneOf(words ...string) (string, bool) {
	if !v.Exists() {
		return "", false
	}
	if node, ok := v.node.(*ast.StringNode); ok && slices.Contains(words, node.Value) {
		return node.Value, true
	}
	v.Fail("%s; want one of %s", v.found(), strings.Join(words, ", "))
	return "", false
}

// List reads a list of at least one element; want says in a message what it is a list of.
func (v Value) List(want string) []Value {
	if !v.Exists() {
		return nil
	}
	node, ok := v.node.(*ast.SequenceNode)
	if !ok || len(node.Values) == 0 {
		v.Fail("%s; want %s", v.found(), want)
		return nil
	}
	values := make([]Value, len(node.Values))
	for i, element := range node.Values {
		values[i] = v.child(element, fmt.Sprintf("%s[%d]", v.field, i))
	}
	return values
}

// number is the literal of an unquoted decimal number.
func (v Value) number() (string, bool) {
	switch v.node.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
	default:
		return "", false
	}
	t := v.node.GetToken()
	return t.Value, t.Type == token.IntegerType || t.Type == token.FloatType
}

// found describes the value in a message.
func (v Value) found() string {
	const longest = 40
	switch node := v.node.(type) {
	case *ast.MappingNode:
		return "found a mapping"
	case *ast.SequenceNode:
		if len(v.node.(*ast.SequenceNode).Values) == 0 {
			return "found an empty list"
		}
		return "found a list"
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.MergeKeyNode:
		return "found an anchor, alias or tag, which is not taken here"
	case *ast.LiteralNode:
		return "found a block of text"
	default:
		text := []rune(node.GetToken().Value)
		if len(text) > longest {
			text = append(text[:longest], []rune("...")...)
		}
		return fmt.Sprintf("found %q", string(text))
	}
}

func (v Value) child(node ast.Node, field string) Value {
	line := v.line
	if node != nil && node.GetToken() != nil && node.GetToken().Position != nil {
		line = node.GetToken().Position.Line
	}
	return Value{file: v.file, node: node, line: line, field: field}
}
