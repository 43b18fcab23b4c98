package yamlfile

import (
	"cmp"
	"math/big"
	"strconv"
	"strings"
)

const (
	maxPlaces = 6
	maxDigits = 15
)

// Decimal is a number as it was written: Unscaled / 10^Places, at most 15 digits and six places, without trailing zeros.
type Decimal struct {
	Unscaled int64
	Places   int
}

// Cmp is -1, 0 or 1 as d is less than, equal to or more than e.
func (d Decimal) Cmp(e Decimal) int {
	if d.Places == e.Places {
		return cmp.Compare(d.Unscaled, e.Unscaled)
	}
	return d.Rat().Cmp(e.Rat())
}

// Rat is the number as a fraction.
func (d Decimal) Rat() *big.Rat { return big.NewRat(d.Unscaled, pow10(d.Places)) }

func (d Decimal) String() string { return strings.TrimSuffix(d.Rat().FloatString(d.Places), ".") }

// Whole is n as a Decimal.
func Whole(n int64) Decimal { return Decimal{Unscaled: n} }

func whole(n int) Decimal { return Whole(int64(n)) }

func parseDecimal(text string) (Decimal, bool) {
	before, after, _ := strings.Cut(text, ".")
	after = strings.TrimRight(after, "0")
	digits := before + after
	if len(after) > maxPlaces || len(strings.TrimLeft(digits, "+-0")) > maxDigits || strings.Contains(digits, "_") {
		return Decimal{}, false
	}
	if strings.Trim(before, "+-") == "" && after != "" {
		digits = before + "0" + after
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	return Decimal{Unscaled: n, Places: len(after)}, err == nil
}

func pow10(places int) int64 {
	p := int64(1)
	for range places {
		p *= 10
	}
	return p
}
