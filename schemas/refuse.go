package schemas

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// fail refuses the value just read.
func (d *decoder) fail(reason Reason, detail string) {
	if d.err == nil {
		d.failAt(d.pointer(), reason, detail)
	}
}

// failAt keeps the first offence.
func (d *decoder) failAt(field string, reason Reason, detail string) {
	if d.err == nil {
		d.err = &InvalidError{Reason: reason, Field: field, Detail: detail}
	}
}

// missing reports a member that the object just read does not have.
func (d *decoder) missing(name string) {
	d.failAt(d.pointer()+"/"+name, MissingField, "required")
}

// pointer is the place of the token just read. It is worked out where it is wanted, since few events are refused.
func (d *decoder) pointer() string {
	tokens := jsontext.NewDecoder(bytes.NewBuffer(d.data))
	for tokens.InputOffset() < int64(d.at) {
		if _, err := tokens.ReadToken(); err != nil {
			break // the text was read to here without fault
		}
	}
	return d.base + string(tokens.StackPointer())
}

// syntax reports what is not JSON as it has to be.
func (d *decoder) syntax() {
	if d.err != nil {
		return
	}
	err := mistake(d.data)
	var field string
	var offset int64
	cause := err
	if s, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		field, offset, cause = d.base+string(s.JSONPointer), s.ByteOffset, s.Err
	}
	detail := fmt.Sprintf("%v at byte %d", cause, offset)
	if errors.Is(err, jsontext.ErrDuplicateName) {
		d.failAt(field, DuplicateField, detail)
		return
	}
	// JSON by its grammar, refused all the same: bytes that are not UTF-8, or half of a surrogate pair.
	grammatical := jsontext.Value(d.data).IsValid(jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	if grammatical || !utf8.Valid(d.data) {
		d.failAt(field, NotUTF8, detail)
		return
	}
	if field != "" {
		detail += " in " + field
	}
	d.failAt("", NotJSON, detail)
}

// mistake is the first that jsontext finds in a text that is to be one value.
func mistake(text []byte) error {
	tokens := jsontext.NewDecoder(bytes.NewBuffer(text))
	for whole := false; ; whole = tokens.StackDepth() == 0 {
		_, err := tokens.ReadToken()
		switch {
		case err != nil && (!whole || !errors.Is(err, io.EOF)):
			return err
		case whole:
			return errors.New("more than one value")
		}
	}
}

// wrongType enters the next value, so that the pointer is its own, and refuses it.
func (d *decoder) wrongType(wanted string) {
	if d.err != nil {
		return
	}
	c := d.peek()
	if c == '{' || c == '[' {
		d.enter(c)
	} else {
		d.scalar(c)
	}
	if d.err == nil {
		d.fail(WrongType, wrongType(wanted, c))
	}
}

// wrongType names a value by its first byte.
func wrongType(wanted string, first byte) string {
	found := "a number"
	switch first {
	case 'n':
		found = "null"
	case 't', 'f':
		found = "a boolean"
	case '"':
		found = "a string"
	case '{':
		found = "an object"
	case '[':
		found = "an array"
	}
	return found + " where " + wanted + " is wanted"
}
