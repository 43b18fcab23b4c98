package imports

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/rapport-project/rapport/schemas"
)

// value makes one field of an event from a row.
type value struct {
	conversion
	pieces    []piece
	hash      []int
	when      []condition
	words     map[string]string // nil: none
	otherwise string            // what becomes of a word that the map does not have: refuse, keep or blank
	fallback  string            // for a blank
}

// piece of a template: text, or a column where it is 0 or more.
type piece struct {
	text   string
	column int
}

// What becomes of a word that a map does not have.
const (
	refuse = "refuse"
	keep   = "keep"
	blank  = "blank"
)

// constant says whether the value is the same for every row.
func (v *value) constant() bool { return len(v.columns()) == 0 }

// columns that the value is made of.
func (v *value) columns() []int {
	columns := slices.Clone(v.hash)
	for _, p := range v.pieces {
		if p.column >= 0 {
			columns = append(columns, p.column)
		}
	}
	return columns
}

// spelt is equal for values that are made alike.
func (v *value) spelt() string { return fmt.Sprint(v.pieces, v.hash, v.words, v.otherwise, v.fallback) }

// text is the value for a row before it is converted; "" is blank.
func (v *value) text(cells []string) (string, *verdict) {
	if !hold(v.when, cells) {
		return "", nil
	}
	s := v.raw(cells)
	if v.words != nil && s != "" {
		to, known := v.words[s]
		switch {
		case known:
			s = to
		case v.otherwise == blank:
			s = ""
		case v.otherwise == refuse:
			return "", &verdict{schemas.UnknownValue, fmt.Sprintf("the map has no word %q; add it, or say otherwise: keep or blank", short(s))}
		}
	}
	if s == "" {
		s = v.fallback
	}
	return s, nil
}

// raw fills the template; with any of its columns blank the whole is.
func (v *value) raw(cells []string) string {
	if v.hash != nil {
		return v.digest(cells)
	}
	if len(v.pieces) == 1 && v.pieces[0].column >= 0 {
		return cells[v.pieces[0].column]
	}
	var b strings.Builder
	for _, p := range v.pieces {
		if p.column < 0 {
			b.WriteString(p.text)
			continue
		}
		if cells[p.column] == "" {
			return ""
		}
		b.WriteString(cells[p.column])
	}
	return b.String()
}

// digest is 32 hexadecimal digits that stand for the columns' values; it is blank where all of them are.
func (v *value) digest(cells []string) string {
	h := sha256.New()
	any := false
	for _, c := range v.hash {
		any = any || cells[c] != ""
		_, _ = fmt.Fprintf(h, "%d:%s", len(cells[c]), cells[c]) // with lengths, so that (ab, c) is not (a, bc)
	}
	if !any {
		return ""
	}
	prefix := ""
	if len(v.pieces) > 0 {
		prefix = v.pieces[0].text
	}
	return prefix + hex.EncodeToString(h.Sum(nil)[:16])
}

// of is the JSON of the value for a row; "" is blank.
func (v *value) of(cells []string) (string, *verdict) {
	s, wrong := v.text(cells)
	if s == "" || wrong != nil {
		return "", wrong
	}
	return v.json(s)
}
