package schemas

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// tokenDecoder walks JSON token by token with jsontext, and shares nothing of that with the decoder that Parse uses: it is the parser that
// events were read with before, kept so that the two can be held against each other.
type tokenDecoder struct {
	tokens jsontext.Decoder
	input  bytes.Buffer
	// text is a copy of the input that strings are cut from: one allocation for all.
	text string
	// base and depth say where in the structured event the input lies: '' and 0, or "/data" and 1.
	base    string
	depth   int
	unknown int
	err     *InvalidError
}

// parseByTokens is Parse by that decoder.
func parseByTokens(rec Record, o Options) (*Event, *InvalidError) {
	limit := o.MaxBytes
	if limit == 0 {
		limit = DefaultMaxBytes
	}
	if len(rec.Value) > limit {
		return nil, &InvalidError{Reason: TooLarge, Detail: fmt.Sprintf("%d bytes, at most %d are taken", len(rec.Value), limit)}
	}
	d := &tokenDecoder{}
	env := &envelope{event: &Event{}}
	if binaryMode(rec.Headers) {
		d.binary(env, rec)
	} else {
		d.structured(env, rec.Value)
	}
	if d.err == nil {
		d.complete(env, rec.Time, o.DefaultTenant)
	}
	if d.err != nil {
		return nil, d.err
	}
	env.event.Unknown = d.unknown
	env.event.Payload = new(decoder).payload(env.event)
	return env.event, nil
}

func (d *tokenDecoder) reset(value []byte, base string, depth int) {
	d.input = *bytes.NewBuffer(value)
	d.tokens.Reset(&d.input)
	d.text, d.base, d.depth = string(value), base, depth
}

func (d *tokenDecoder) end() {
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

func (d *tokenDecoder) open(kind jsontext.Kind, wanted string) bool {
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

func (d *tokenDecoder) object() bool { return d.open('{', "an object") }

func (d *tokenDecoder) array() bool { return d.open('[', "an array") }

func (d *tokenDecoder) shallow() bool {
	if d.depth+d.tokens.StackDepth() > MaxDepth {
		d.fail(TooDeep, fmt.Sprintf("nested over %d deep", MaxDepth))
		return false
	}
	return true
}

func (d *tokenDecoder) member() (string, bool) {
	if d.err != nil {
		return "", false
	}
	if d.tokens.PeekKind() == '}' {
		d.close()
		return "", false
	}
	// What is no string is not read on to look for faults within it, of which it may have others.
	if d.tokens.PeekKind() != '"' {
		_, err := d.tokens.ReadToken()
		d.syntax(err)
		return "", false
	}
	name, err := d.tokens.ReadValue()
	if err != nil {
		d.syntax(err)
		return "", false
	}
	return d.unquote(name), true
}

func (d *tokenDecoder) element() bool {
	if d.err != nil {
		return false
	}
	if d.tokens.PeekKind() == ']' {
		d.close()
		return false
	}
	return true
}

func (d *tokenDecoder) close() {
	if _, err := d.tokens.ReadToken(); err != nil {
		d.syntax(err)
	}
}

func (d *tokenDecoder) null() bool {
	if d.err != nil || d.tokens.PeekKind() != 'n' {
		return false
	}
	d.scalar()
	return d.err == nil
}

func (d *tokenDecoder) scalar() jsontext.Value {
	v, err := d.tokens.ReadValue()
	if err != nil {
		d.syntax(err)
		return nil
	}
	return v
}

func (d *tokenDecoder) string() string {
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

func (d *tokenDecoder) key() string {
	s := d.string()
	if s == "" && d.err == nil {
		d.fail(InvalidFormat, "empty")
	}
	return s
}

func (d *tokenDecoder) unquote(v jsontext.Value) string {
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

func (d *tokenDecoder) oneOf(values ...string) string {
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

func (d *tokenDecoder) bool() bool {
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

func (d *tokenDecoder) boolOrNull() *bool {
	if d.null() {
		return nil
	}
	v := d.bool()
	return &v
}

func (d *tokenDecoder) skip() {
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
