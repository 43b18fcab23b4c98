package schemas

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// findings are the offences in an event: by pointer, the reasons that may be given for it.
type findings map[string][]Reason

func (f findings) add(field string, reasons ...Reason) { f[field] = append(f[field], reasons...) }

// contractSchema compiles one of the contract's files, formats asserted.
func contractSchema(tb testing.TB, name string) *jsonschema.Schema {
	tb.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	files, err := fs.Glob(Contract(), "json/*.schema.json")
	if err != nil {
		tb.Fatal(err)
	}
	for _, file := range files {
		text, err := fs.ReadFile(Contract(), file)
		if err != nil {
			tb.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			tb.Fatalf("%s: %v", file, err)
		}
		if err := c.AddResource("contract:///"+file, doc); err != nil {
			tb.Fatalf("%s: %v", file, err)
		}
	}
	s, err := c.Compile("contract:///json/" + name + ".schema.json")
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// oracle judges structured events by the JSON Schemas and, written out here, by the few rules that they cannot say.
type oracle struct{ schema *jsonschema.Schema }

var sharedOracle = sync.OnceValue(func() *jsonschema.Schema { return contractSchema(&testing.B{}, "event") })

func newOracle() oracle { return oracle{schema: sharedOracle()} }

// hugeExponent makes the schema library expand a number to that many digits.
var hugeExponent = regexp.MustCompile(`[0-9][eE][+-]?[0-9]{4,}`)

// judge lists all offences. broken says that the text itself is refused: other reasons, found earlier in it, may be given then.
func (o oracle) judge(value []byte, appended time.Time, opts Options) (f findings, broken bool) {
	f = findings{}
	// Rule: at most MaxBytes.
	limit := opts.MaxBytes
	if limit == 0 {
		limit = 1 << 20
	}
	if len(value) > limit {
		f.add("", TooLarge)
		return f, true
	}
	// Rule: JSON, in UTF-8, without halves of surrogate pairs, without duplicate names, at most MaxDepth deep.
	if !utf8.Valid(value) || halfSurrogate(value) {
		f.add("", NotUTF8)
		return f, true
	}
	if !json.Valid(value) {
		f.add("", NotJSON)
		return f, true
	}
	if walk(value, f); len(f) > 0 {
		broken = true
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(value))
	if err != nil {
		f.add("", NotJSON)
		return f, true
	}
	var invalid *jsonschema.ValidationError
	if errors.As(o.schema.Validate(doc), &invalid) {
		leaves(invalid, f)
	}
	event, ok := doc.(map[string]any)
	if !ok {
		return f, broken
	}
	// Rule: the time against the append time and 1970.
	if text, ok := event["time"].(string); ok && len(f["/time"]) == 0 {
		at := instant(text)
		if at.Before(time.Unix(0, 0)) {
			f.add("/time", Before1970)
		}
		if !appended.IsZero() && at.After(appended.Add(5*time.Minute)) {
			f.add("/time", FromTheFuture)
		}
	}
	// Rule: a tenant or a default.
	if event["tenant"] == nil && opts.DefaultTenant == "" {
		f.add("/tenant", MissingTenant)
	}
	return f, broken
}

// leaves turns what the schema library found into reasons.
func leaves(e *jsonschema.ValidationError, f findings) {
	for _, cause := range e.Causes {
		leaves(cause, f)
	}
	if len(e.Causes) > 0 {
		return
	}
	at := ""
	for _, token := range e.InstanceLocation {
		at += pointerTo(token)
	}
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		for _, name := range k.Missing {
			f.add(at+"/"+name, MissingField)
		}
	case *kind.AdditionalProperties:
		for _, name := range k.Properties {
			f.add(at+pointerTo(name), UnknownValue)
		}
	case *kind.Type:
		switch {
		case at == "/data_base64":
			f.add(at, InvalidFormat)
		case k.Got == "null" && (at == "/data" || strings.Count(at, "/") == 1):
			f.add(at, MissingField) // a null attribute is one not set
		default:
			f.add(at, WrongType)
		}
	case *kind.Enum:
		if at == "/type" {
			f.add(at, UnknownType)
		} else {
			f.add(at, UnknownValue)
		}
	case *kind.Const:
		f.add(at, UnknownValue)
	case *kind.Minimum, *kind.Maximum, *kind.ExclusiveMaximum:
		f.add(at, OutOfRange)
	case *kind.Pattern, *kind.Format, *kind.MinLength, *kind.MaxLength:
		f.add(at, InvalidFormat)
	default:
		panic(e.ErrorKind)
	}
}

// instant reads a time that the schema has accepted, by other means than Parse does.
func instant(text string) time.Time {
	text = strings.ToUpper(text)
	var leap time.Duration
	if text[17:19] == "60" {
		text = text[:17] + "59" + text[19:]
		leap = time.Second
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		panic(err)
	}
	return t.Add(leap).Truncate(time.Microsecond)
}

var escape = regexp.MustCompile(`\\(u[0-9a-fA-F]{4}|.)`)

// halfSurrogate finds a \ud800..\udfff that is not one of a pair.
func halfSurrogate(value []byte) bool {
	high := -1 // where a high half ended
	for _, at := range escape.FindAllIndex(value, -1) {
		s := strings.ToLower(string(value[at[0]:at[1]]))
		isHigh := strings.HasPrefix(s, `\u`) && len(s) == 6 && s[2] == 'd' && strings.IndexByte("89ab", s[3]) >= 0
		isLow := strings.HasPrefix(s, `\u`) && len(s) == 6 && s[2] == 'd' && strings.IndexByte("cdef", s[3]) >= 0
		if isLow != (high == at[0] && high >= 0) {
			return true
		}
		if high = -1; isHigh {
			high = at[1]
			if high+1 >= len(value) || value[high] != '\\' {
				return true
			}
		}
	}
	return high >= 0
}

// walk finds duplicate names and objects or arrays nested too deep.
func walk(value []byte, f findings) {
	type level struct {
		names map[string]bool
		name  bool // a name comes next
	}
	var levels []level
	d := json.NewDecoder(bytes.NewReader(value))
	d.UseNumber()
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			panic(err)
		}
		if bracket, ok := t.(json.Delim); ok && (bracket == '}' || bracket == ']') {
			levels = levels[:len(levels)-1]
			continue
		}
		if n := len(levels) - 1; n >= 0 && levels[n].names != nil {
			if levels[n].name {
				name := t.(string)
				if levels[n].names[name] {
					f.add("", DuplicateField)
				}
				levels[n].names[name], levels[n].name = true, false
				continue
			}
			levels[n].name = true
		}
		if bracket, ok := t.(json.Delim); ok {
			next := level{}
			if bracket == '{' {
				next = level{names: map[string]bool{}, name: true}
			}
			if levels = append(levels, next); len(levels) == MaxDepth+1 {
				f.add("", TooDeep)
			}
		}
	}
}
