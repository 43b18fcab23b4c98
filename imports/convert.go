package imports

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/rapport-project/rapport/schemas"
)

// verdict is why a text cannot be what a field takes.
type verdict struct {
	reason schemas.Reason
	detail string
}

// conversion turns texts into JSON of a field.
type conversion struct {
	field field
	clock clock
	unit  string // of seconds
	split string // of lists
}

// units of durations: the first is the default.
var units = []string{"seconds", "milliseconds", "minutes", "hours", "h:mm:ss", "m:ss"}

// json is the JSON of a text that is not blank; the verdict is nil where it is one.
func (c conversion) json(s string) (string, *verdict) {
	switch c.field.kind {
	case boolean:
		switch s { // a constant, and not s, which would keep its whole row in memory
		case "true":
			return "true", nil
		case "false":
			return "false", nil
		}
		return "", &verdict{schemas.WrongType, fmt.Sprintf("%q is neither true nor false; a map turns other words into them", short(s))}
	case integer:
		return wholeNumber(s)
	case seconds:
		return c.seconds(s)
	case instant:
		at, ok := c.clock.parse(s)
		if !ok {
			return "", &verdict{schemas.InvalidFormat, fmt.Sprintf("%q is no time of the layouts %s", short(s), strings.Join(c.clock.layouts, " | "))}
		}
		return quote(at.Format(time.RFC3339Nano)), nil
	case list:
		var parts []string
		for part := range strings.SplitSeq(s, c.split) {
			if part = strings.TrimSpace(part); part != "" {
				parts = append(parts, quote(part))
			}
		}
		return "[" + strings.Join(parts, ",") + "]", nil
	}
	if len(c.field.words) > 0 && !slices.Contains(c.field.words, s) {
		return "", &verdict{schemas.UnknownValue, fmt.Sprintf("%q is none of %s; a map turns other words into them", short(s), strings.Join(c.field.words, ", "))}
	}
	return quote(s), nil
}

// wholeNumber takes 3.0 too: what tools write for whole numbers in a column that has gaps.
func wholeNumber(s string) (string, *verdict) {
	digits, fraction, _ := strings.Cut(s, ".")
	n, err := strconv.ParseInt(digits, 10, 32)
	if err != nil || strings.Trim(fraction, "0") != "" {
		return "", &verdict{schemas.WrongType, fmt.Sprintf("%q is no whole number", short(s))}
	}
	return strconv.FormatInt(n, 10), nil
}

func (c conversion) seconds(s string) (string, *verdict) {
	wrong := &verdict{schemas.WrongType, fmt.Sprintf("%q is no duration in %s", short(s), c.unit)}
	factor, divisor, parts := 1.0, 1.0, 1
	switch c.unit {
	case "milliseconds":
		divisor = 1000 // dividing is exact where a product with 0.001 is not
	case "minutes":
		factor = 60
	case "hours":
		factor = 3600
	case "h:mm:ss":
		parts = 3
	case "m:ss":
		parts = 2
	}
	numbers := strings.Split(s, ":")
	if len(numbers) != parts {
		return "", wrong
	}
	total := 0.0
	for i, number := range numbers {
		v, err := strconv.ParseFloat(number, 64)
		// Parts after the first are parts of an hour or a minute; all but the last are whole.
		if err != nil || strings.Trim(number, "0123456789.") != "" || i > 0 && v >= 60 || i < parts-1 && v != math.Trunc(v) {
			return "", wrong
		}
		total = total*60 + v
	}
	total = total * factor / divisor
	if math.IsInf(total, 0) {
		return "", wrong
	}
	return strconv.FormatFloat(total, 'g', -1, 64), nil
}

// quote is the JSON of valid UTF-8.
func quote(s string) string {
	b, _ := jsontext.AppendQuote(nil, s) // only invalid UTF-8 fails, and becomes the replacement character
	return string(b)
}

// short is what of a value fits into a message.
func short(s string) string {
	const longest = 60
	if r := []rune(s); len(r) > longest {
		return string(r[:longest]) + "..."
	}
	return s
}
