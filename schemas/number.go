package schemas

import (
	"fmt"
	"math"
	"strconv"
	"unsafe"
)

// maxSeconds is the schemas' bound of a duration, 366 days: what is longer is a mistake of units, and sums of it would overflow.
const maxSeconds = 31622400

// integer reads a whole number from low to high. As in JSON Schema, 8.0 and 80e-1 are whole.
func (d *decoder) integer(low, high int64) int64 {
	raw := d.numeral("an integer")
	if d.err != nil {
		return 0
	}
	n, whole, fits := parseInteger(raw)
	switch {
	case !whole:
		d.fail(WrongType, "a fraction where an integer is wanted")
	case !fits || n < low || n > high:
		d.fail(OutOfRange, fmt.Sprintf("not in %d..%d", low, high))
	}
	return n
}

// numeral reads a number as it is written; wanted says what for.
func (d *decoder) numeral(wanted string) []byte {
	if d.err != nil {
		return nil
	}
	if !d.numeric() {
		d.wrongType(wanted)
		return nil
	}
	return d.number()
}

// int8OrNull reads a whole number from low to high; nil is null.
func (d *decoder) int8OrNull(low, high int8) *int8 {
	if d.null() {
		return nil
	}
	return Int8(int8(d.integer(int64(low), int64(high))))
}

// int16OrNull reads a whole number that an Int16 holds; nil is null.
func (d *decoder) int16OrNull() *int16 {
	if d.null() {
		return nil
	}
	return Int16(int16(d.integer(math.MinInt16, math.MaxInt16)))
}

// seconds reads a duration: not negative, and at most maxSeconds. It is put into room where there is some.
func (d *decoder) seconds(room *float64) *float64 {
	raw := d.numeral("a number")
	if d.err != nil {
		return nil
	}
	f, err := strconv.ParseFloat(unsafe.String(unsafe.SliceData(raw), len(raw)), 64)
	switch {
	case raw[0] == '-' && !isZero(raw):
		d.fail(OutOfRange, "negative")
	case err != nil || f > maxSeconds:
		d.fail(OutOfRange, "more than 366 days, or not finite")
	}
	if room == nil {
		room = new(float64)
	}
	*room = math.Abs(f) // -0 is 0
	return room
}

// isZero says whether a JSON number is 0 exactly, not by underflow.
func isZero(raw []byte) bool {
	for _, c := range raw {
		if c == 'e' || c == 'E' {
			break
		}
		if c >= '1' && c <= '9' {
			return false
		}
	}
	return true
}

// parseInteger reads a JSON number exactly, whatever its notation: whether it is whole, and whether n holds it.
func parseInteger(raw []byte) (n int64, whole, fits bool) {
	if n, ok := plainInteger(raw); ok {
		return n, true, true
	}
	negative := len(raw) > 0 && raw[0] == '-'
	digits, exponent := mantissa(raw)
	for len(digits) > 0 && digits[len(digits)-1] == '0' {
		digits = digits[:len(digits)-1]
		exponent++
	}
	if len(digits) == 0 {
		return 0, true, true
	}
	if exponent < 0 {
		return 0, false, false
	}
	if len(digits)+exponent > 18 {
		return 0, true, false
	}
	for _, c := range digits {
		n = n*10 + int64(c-'0')
	}
	for range exponent {
		n *= 10
	}
	if negative {
		n = -n
	}
	return n, true, true
}

// plainInteger reads what nearly all integers are: a few digits.
func plainInteger(raw []byte) (n int64, ok bool) {
	if len(raw) == 0 || len(raw) > 10 {
		return 0, false
	}
	for _, c := range raw {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

// mantissa takes a JSON number apart: digits * 10^exponent, without leading zeros.
func mantissa(raw []byte) (digits []byte, exponent int) {
	// An exponent past this bound decides alone, so larger ones need not be told apart; no event has as many digits.
	const bound = 1 << 40
	var room [24]byte
	digits = room[:0]
	fraction := false
	for i, c := range raw {
		switch {
		case c == '.':
			fraction = true
		case c == 'e' || c == 'E':
			e := 0
			for _, x := range raw[i+1:] {
				if x >= '0' && x <= '9' && e < bound {
					e = e*10 + int(x-'0')
				}
			}
			if raw[i+1] == '-' {
				e = -e
			}
			return digits, exponent + e
		case c >= '0' && c <= '9':
			if fraction {
				exponent--
			}
			if c != '0' || len(digits) > 0 {
				digits = append(digits, c)
			}
		}
	}
	return digits, exponent
}
