package yamlfile

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// Object is a mapping.
type Object struct {
	value  Value
	keys   []string
	values map[string]Value
}

// Object reads a mapping that may have the given keys and no others: a key that is not one of them is a problem that names
// the nearest one. Where v is absent or no mapping, the object is empty.
func (v Value) Object(keys ...string) Object {
	o := v.entries()
	for _, key := range o.keys {
		if slices.Contains(keys, key) {
			continue
		}
		hint := "want " + strings.Join(keys, ", ")
		if near := nearest(key, keys); near != "" {
			hint = "did you mean " + near + "?"
		}
		o.values[key].Fail("unknown key; %s", hint)
	}
	return o
}

// Entries reads a mapping whose keys are the user's own.
func (v Value) Entries() Object { return v.entries() }

// Keys are the mapping's keys in the order of the file.
func (o Object) Keys() []string { return o.keys }

// Get is the value of a key; where there is none, an absent value at the mapping's own line. Where there is no mapping at
// all, its keys are not missed one by one.
func (o Object) Get(key string) Value {
	if v, ok := o.values[key]; ok {
		return v
	}
	_, mapping := o.value.node.(*ast.MappingNode)
	return Value{file: o.value.file, line: o.value.line, field: join(o.value.field, key), quiet: !mapping}
}

func (v Value) entries() Object {
	o := Object{value: v, values: map[string]Value{}}
	if !v.Exists() {
		return o
	}
	mapping, ok := v.node.(*ast.MappingNode)
	if !ok {
		v.Fail("%s; want a mapping (key: value)", v.found())
		return o
	}
	for _, entry := range mapping.Values {
		o.add(entry)
	}
	return o
}

func (o *Object) add(entry *ast.MappingValueNode) {
	keyAt := o.value.child(entry.Key, o.value.field)
	var key string
	switch node := entry.Key.(type) {
	case *ast.StringNode:
		key = node.Value
	case *ast.IntegerNode, *ast.FloatNode:
		key = node.GetToken().Value
	default:
		keyAt.Fail("a key that is no plain text; want key: value")
		return
	}
	keyAt.field = join(o.value.field, key)
	if _, twice := o.values[key]; twice {
		keyAt.Fail("the key is there twice")
		return
	}
	value := keyAt.child(entry.Value, keyAt.field)
	// What is said of a mapping as a whole, such as a key it lacks, is best looked for at its own key.
	value.line = keyAt.line
	o.keys = append(o.keys, key)
	o.values[key] = value
}

func join(field, key string) string {
	if field == "" {
		return key
	}
	return field + "." + key
}

// Nearest is the word that a misspelt one may be meant to be; "" where none is near.
func Nearest(word string, words []string) string { return nearest(word, words) }

// nearest is the word at an edit distance of at most two from key, and less than its length; "" where there is none.
func nearest(key string, words []string) string {
	best, bestDistance := "", 3
	for _, word := range words {
		if d := distance(key, word); d < bestDistance && d < len(word) {
			best, bestDistance = word, d
		}
	}
	return best
}

// distance is Levenshtein's.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(diagonal+cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
