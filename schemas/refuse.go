package schemas

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// fail refuses the value just read.
func (d *decoder) fail(reason Reason, detail string) {
	d.failAt(d.base+string(d.tokens.StackPointer()), reason, detail)
}

// failAt keeps the first offence.
func (d *decoder) failAt(field string, reason Reason, detail string) {
	if d.err == nil {
		d.err = &InvalidError{Reason: reason, Field: field, Detail: detail}
	}
}

// missing reports a member that the object just read does not have.
func (d *decoder) missing(name string) {
	d.failAt(d.base+string(d.tokens.StackPointer())+"/"+name, MissingField, "required")
}

// syntax reports what the tokenizer refused.
func (d *decoder) syntax(err error) {
	if d.err != nil {
		return
	}
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
	grammatical := jsontext.Value(d.text).IsValid(jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	if grammatical || !utf8.ValidString(d.text) {
		d.failAt(field, NotUTF8, detail)
		return
	}
	if field != "" {
		detail += " in " + field
	}
	d.failAt("", NotJSON, detail)
}

// wrongType enters the next value, so that the pointer is its own, and refuses it.
func (d *decoder) wrongType(wanted string) {
	if d.err != nil {
		return
	}
	t, err := d.tokens.ReadToken()
	if err != nil {
		d.syntax(err)
		return
	}
	d.fail(WrongType, wrongType(wanted, t.Kind()))
}

func wrongType(wanted string, kind jsontext.Kind) string {
	found := "null"
	switch kind {
	case 't', 'f':
		found = "a boolean"
	case '"':
		found = "a string"
	case '0':
		found = "a number"
	case '{':
		found = "an object"
	case '[':
		found = "an array"
	}
	return found + " where " + wanted + " is wanted"
}
