package schemas

import (
	"fmt"
	"strings"
	"unsafe"

	"github.com/go-json-experiment/json/jsontext"
)

// decoder walks a JSON text once, by the readers of the event types, and copies nothing: its strings are cut out of the text. The first offence
// sticks in err, and every read after it does nothing, so that the readers need not check each step. It takes and refuses what
// jsontext does, whose words it borrows for what it refuses.
type decoder struct {
	// data is the text as bytes, and text the same bytes as a string.
	data []byte
	text string
	// at is where the last token that was read ends, or the next begins.
	at int
	// open is how many objects and arrays are entered and not left; fresh, that the innermost was entered just now.
	open  int
	fresh bool
	// names are those of the objects that are entered, and objects where those of each begin.
	names   []string
	objects []object
	// base and depth say where in the structured event the text lies: '' and 0, or "/data" and 1.
	base    string
	depth   int
	unknown int
	tenant  TenantMember
	// kept is what is used again from event to event; nil makes all anew.
	kept    *kept
	scratch []byte // of payload and of strings with escapes
	err     *InvalidError
}

// reset begins a text. Nobody may change its bytes for as long as the event lives.
func (d *decoder) reset(value []byte, base string, depth int) {
	d.data, d.text, d.at = value, unsafe.String(unsafe.SliceData(value), len(value)), 0
	d.open, d.fresh = 0, false
	d.names, d.objects = d.names[:0], d.objects[:0]
	d.base, d.depth = base, depth
}

// peek is the first byte of the next token, 0 where there is none.
func (d *decoder) peek() byte {
	for d.at < len(d.data) {
		c := d.data[d.at]
		if c > ' ' || c != ' ' && c != '\n' && c != '\r' && c != '\t' {
			return c
		}
		d.at++
	}
	return 0
}

// end refuses anything after the one value.
func (d *decoder) end() {
	if d.err == nil && (d.peek() != 0 || d.at < len(d.data)) {
		d.syntax()
	}
}

// openAs enters an object or array.
func (d *decoder) openAs(kind byte, wanted string) bool {
	if d.err != nil {
		return false
	}
	if d.peek() != kind {
		d.wrongType(wanted)
		return false
	}
	d.enter(kind)
	return d.shallow()
}

func (d *decoder) object() bool { return d.openAs('{', "an object") }
func (d *decoder) array() bool  { return d.openAs('[', "an array") }

func (d *decoder) enter(kind byte) {
	d.at++
	d.open++
	d.fresh = true
	if kind == '{' {
		d.objects = append(d.objects, object{first: len(d.names)})
	}
}

func (d *decoder) shallow() bool {
	if d.depth+d.open > MaxDepth {
		d.fail(TooDeep, fmt.Sprintf("nested over %d deep", MaxDepth))
		return false
	}
	return true
}

// member reads the next member's name; false at the object's end. The value must be read before the next call.
func (d *decoder) member() (string, bool) {
	name, ok := d.name()
	return name, ok && d.colon()
}

// name is member without what stands before the value.
func (d *decoder) name() (string, bool) {
	switch {
	case d.err != nil:
	case d.more('}'):
		if d.peek() != '"' {
			d.syntax()
			break
		}
		name := d.quoted()
		if d.err == nil && !d.unique(name) {
			d.syntax()
		}
		return name, d.err == nil
	case d.err == nil:
		last := len(d.objects) - 1
		d.names, d.objects = d.names[:d.objects[last].first], d.objects[:last]
	}
	return "", false
}

func (d *decoder) colon() bool {
	if d.peek() != ':' {
		d.syntax()
		return false
	}
	d.at++
	return true
}

// element says whether the array has another element; it leaves the array where not.
func (d *decoder) element() bool { return d.err == nil && d.more(']') }

// more says whether another member or element begins; it leaves the object or array where not.
func (d *decoder) more(closing byte) bool {
	c := d.peek()
	if !d.fresh && c == ',' {
		d.at++
		if d.peek() != closing {
			return true
		}
		d.syntax()
		return false
	}
	if c == closing {
		d.at++
		d.open--
		d.fresh = false
		return false
	}
	if !d.fresh {
		d.syntax()
		return false
	}
	d.fresh = false
	return true
}

// null reads a null, if there is one.
func (d *decoder) null() bool {
	return d.err == nil && d.peek() == 'n' && d.literal("null")
}

func (d *decoder) literal(word string) bool {
	if !strings.HasPrefix(d.text[d.at:], word) {
		d.syntax()
		return false
	}
	d.at += len(word)
	return true
}

// string reads a string.
func (d *decoder) string() string {
	if d.err != nil {
		return ""
	}
	if d.peek() != '"' {
		d.wrongType("a string")
		return ""
	}
	return d.quoted()
}

// quoted reads the string that begins here.
func (d *decoder) quoted() string {
	first := d.at + 1
	end, plain := stringEnd(d.data, first)
	if end < 0 {
		d.syntax()
		return ""
	}
	d.at = end + 1
	if plain {
		return d.text[first:end]
	}
	b, err := jsontext.AppendUnquote(d.scratch[:0], d.data[first-1:d.at])
	if d.scratch = b; err != nil {
		d.syntax()
	}
	return string(b)
}

// numeric says whether a number begins here.
func (d *decoder) numeric() bool {
	c := d.peek()
	return c == '-' || c-'0' <= 9
}

// number reads the number that begins here; nil where there is none.
func (d *decoder) number() []byte {
	end := numberEnd(d.data, d.at)
	if end < 0 {
		d.syntax()
		return nil
	}
	raw := d.data[d.at:end]
	d.at = end
	return raw
}

// key reads a string that names something and so cannot be empty.
func (d *decoder) key() string {
	s := d.string()
	if s == "" && d.err == nil {
		d.fail(InvalidFormat, "empty")
	}
	return s
}

// oneOf reads a string of a closed set.
func (d *decoder) oneOf(values ...string) string {
	s := d.string()
	for _, v := range values {
		if s == v {
			return v
		}
	}
	if d.err == nil {
		d.fail(UnknownValue, fmt.Sprintf("%.40q is none of %s", s, strings.Join(values, ", ")))
	}
	return ""
}

// bool reads a boolean.
func (d *decoder) bool() bool {
	if d.err != nil {
		return false
	}
	switch d.peek() {
	case 't':
		return d.literal("true")
	case 'f':
		d.literal("false")
	default:
		d.wrongType("a boolean")
	}
	return false
}

// boolOrNull reads a boolean; nil is null.
func (d *decoder) boolOrNull() *bool {
	if d.null() {
		return nil
	}
	return Bool(d.bool())
}
