package schemas

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// decoder walks JSON token by token. The first offence sticks in err, and every read after it does nothing, so that the
// readers of the event types need not check each step.
type decoder struct {
	tokens jsontext.Decoder
	input  bytes.Buffer
	// text is a copy of the input that strings are cut from: one allocation for all.
	text string
	// base and depth say where in the structured event the input lies: '' and 0, or "/data" and 1.
	base    string
	depth   int
	unknown int
	scratch []byte // of payload
	err     *InvalidError
}

// decoders keeps the token stacks and buffers of earlier events.
var decoders = sync.Pool{New: func() any { return new(decoder) }}

func newDecoder() *decoder {
	d := decoders.Get().(*decoder)
	d.unknown, d.err = 0, nil
	return d
}

// release hands the decoder back without the event's bytes.
func (d *decoder) release() {
	d.text, d.err = "", nil
	d.input = bytes.Buffer{}
	if cap(d.scratch) > 64<<10 {
		d.scratch = nil
	}
	decoders.Put(d)
}

func (d *decoder) reset(value []byte, base string, depth int) {
	d.input = *bytes.NewBuffer(value)
	d.tokens.Reset(&d.input)
	d.text, d.base, d.depth = string(value), base, depth
}

// end refuses anything after the one value.
func (d *decoder) end() {
	if d.err != nil {
		return
	}
	if _, err := d.tokens.ReadToken(); !errors.Is(err, io.EOF) {
		if err == nil {
			err = errors.New("more than one value")
		}
		d.syntax(err)
	}
}

// open enters an object or array.
func (d *decoder) open(kind jsontext.Kind, wanted string) bool {
	if d.err != nil {
		return false
	}
	if d.tokens.PeekKind() != kind {
		d.wrongType(wanted)
		return false
	}
	if _, err := d.tokens.ReadToken(); err != nil {
		d.syntax(err)
		return false
	}
	return d.shallow()
}

func (d *decoder) object() bool { return d.open('{', "an object") }
func (d *decoder) array() bool  { return d.open('[', "an array") }

func (d *decoder) shallow() bool {
	if d.depth+d.tokens.StackDepth() > MaxDepth {
		d.fail(TooDeep, fmt.Sprintf("nested over %d deep", MaxDepth))
		return false
	}
	return true
}

// member reads the next member's name; false at the object's end. The value must be read before the next call.
func (d *decoder) member() (string, bool) {
	if d.err != nil {
		return "", false
	}
	if d.tokens.PeekKind() == '}' {
		d.close()
		return "", false
	}
	name, err := d.tokens.ReadValue()
	if err != nil {
		d.syntax(err)
		return "", false
	}
	return d.unquote(name), true
}

// element says whether the array has another element; it closes the array where not.
func (d *decoder) element() bool {
	if d.err != nil {
		return false
	}
	if d.tokens.PeekKind() == ']' {
		d.close()
		return false
	}
	return true
}

func (d *decoder) close() {
	if _, err := d.tokens.ReadToken(); err != nil {
		d.syntax(err)
	}
}

// null reads a null, if there is one.
func (d *decoder) null() bool {
	if d.err != nil || d.tokens.PeekKind() != 'n' {
		return false
	}
	d.scalar()
	return d.err == nil
}

// scalar reads a value that is neither object nor array.
func (d *decoder) scalar() jsontext.Value {
	v, err := d.tokens.ReadValue()
	if err != nil {
		d.syntax(err)
		return nil
	}
	return v
}

// string reads a string.
func (d *decoder) string() string {
	if d.err != nil {
		return ""
	}
	if d.tokens.PeekKind() != '"' {
		d.wrongType("a string")
		return ""
	}
	v := d.scalar()
	if v == nil {
		return ""
	}
	return d.unquote(v)
}

// key reads a string that names something and so cannot be empty.
func (d *decoder) key() string {
	s := d.string()
	if s == "" && d.err == nil {
		d.fail(InvalidFormat, "empty")
	}
	return s
}

// unquote is the string just read.
func (d *decoder) unquote(v jsontext.Value) string {
	if bytes.IndexByte(v, '\\') < 0 {
		end := int(d.tokens.InputOffset()) - 1
		return d.text[end-len(v)+2 : end]
	}
	b, err := jsontext.AppendUnquote(nil, v)
	if err != nil {
		d.syntax(err)
	}
	return string(b)
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
	kind := d.tokens.PeekKind()
	if kind != 't' && kind != 'f' {
		d.wrongType("a boolean")
		return false
	}
	d.scalar()
	return kind == 't'
}

// boolOrNull reads a boolean; nil is null.
func (d *decoder) boolOrNull() *bool {
	if d.null() {
		return nil
	}
	v := d.bool()
	return &v
}

// skip passes over a member that the contract does not know, and counts it.
func (d *decoder) skip() {
	d.unknown++
	inside := 0
	for d.err == nil {
		t, err := d.tokens.ReadToken()
		if err != nil {
			d.syntax(err)
			return
		}
		switch t.Kind() {
		case '{', '[':
			inside++
			d.shallow()
		case '}', ']':
			inside--
		}
		if inside == 0 {
			return
		}
	}
}
