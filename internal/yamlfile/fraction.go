package yamlfile

import (
	"math/big"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// Fraction reads a number above 0 and at most hi exactly, as a decimal (0.2) or as a quotient of two whole numbers (1/5).
func (v Value) Fraction(hi int) (*big.Rat, bool) {
	if !v.Exists() {
		return nil, false
	}
	r, ok := v.fraction()
	if !ok || r.Sign() <= 0 || r.Cmp(new(big.Rat).SetInt64(int64(hi))) > 0 {
		v.Fail("%s; want a number above 0 and at most %d, such as 3, 0.5 or 1/3", v.found(), hi)
		return nil, false
	}
	return r, true
}

func (v Value) fraction() (*big.Rat, bool) {
	if digits, ok := v.number(); ok {
		d, exact := parseDecimal(digits)
		return d.Rat(), exact
	}
	node, ok := v.node.(*ast.StringNode)
	if !ok {
		return nil, false
	}
	above, below, _ := strings.Cut(node.Value, "/")
	num, wholeNum := parseDecimal(strings.TrimSpace(above))
	den, wholeDen := parseDecimal(strings.TrimSpace(below))
	if !wholeNum || !wholeDen || num.Places > 0 || den.Places > 0 || den.Unscaled == 0 {
		return nil, false
	}
	return big.NewRat(num.Unscaled, den.Unscaled), true
}
