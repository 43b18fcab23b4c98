package schemas

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

func (d *tokenDecoder) fail(reason Reason, detail string) {
	d.failAt(d.base+string(d.tokens.StackPointer()), reason, detail)
}

func (d *tokenDecoder) failAt(field string, reason Reason, detail string) {
	if d.err == nil {
		d.err = &InvalidError{Reason: reason, Field: field, Detail: detail}
	}
}

func (d *tokenDecoder) missing(name string) {
	d.failAt(d.base+string(d.tokens.StackPointer())+"/"+name, MissingField, "required")
}

func (d *tokenDecoder) syntax(err error) {
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

func (d *tokenDecoder) wrongType(wanted string) {
	if d.err != nil {
		return
	}
	t, err := d.tokens.ReadToken()
	if err != nil {
		d.syntax(err)
		return
	}
	d.fail(WrongType, wrongType(wanted, byte(t.Kind())))
}

func (d *tokenDecoder) integer(low, high int64) int64 {
	if d.err != nil {
		return 0
	}
	if d.tokens.PeekKind() != '0' {
		d.wrongType("an integer")
		return 0
	}
	n, whole, fits := parseInteger(d.scalar())
	switch {
	case d.err != nil:
		return 0
	case !whole:
		d.fail(WrongType, "a fraction where an integer is wanted")
	case !fits || n < low || n > high:
		d.fail(OutOfRange, fmt.Sprintf("not in %d..%d", low, high))
	}
	return n
}

func (d *tokenDecoder) int8OrNull(low, high int8) *int8 {
	if d.null() {
		return nil
	}
	n := int8(d.integer(int64(low), int64(high)))
	return &n
}

func (d *tokenDecoder) int16OrNull() *int16 {
	if d.null() {
		return nil
	}
	n := int16(d.integer(math.MinInt16, math.MaxInt16))
	return &n
}

func (d *tokenDecoder) seconds() *float64 {
	if d.err != nil {
		return nil
	}
	if d.tokens.PeekKind() != '0' {
		d.wrongType("a number")
		return nil
	}
	raw := d.scalar()
	if d.err != nil {
		return nil
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	switch {
	case raw[0] == '-' && !isZero(raw):
		d.fail(OutOfRange, "negative")
	case err != nil || f > maxSeconds:
		d.fail(OutOfRange, "more than 366 days, or not finite")
	}
	f = math.Abs(f) // -0 is 0
	return &f
}
