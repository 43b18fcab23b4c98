package native

import (
	"fmt"
	"strconv"
	"strings"
)

// node is a parsed type: Array(Nullable(String)) is Array with one argument, Nullable, with one argument, String.
type node struct {
	name string
	args []*node
	raw  []string // the arguments as written, with names of tuple elements
}

// parseType parses the textual form of a type as it stands in a block.
func parseType(text string) (*node, error) {
	text = strings.TrimSpace(text)
	open := strings.IndexByte(text, '(')
	if open < 0 {
		return &node{name: text}, nil
	}
	if !strings.HasSuffix(text, ")") {
		return nil, fmt.Errorf("type %q: bracket is not closed", text)
	}
	n := &node{name: text[:open], raw: splitArguments(text[open+1 : len(text)-1])}
	first := 0
	switch n.name {
	case "Array", "Nullable", "LowCardinality", "Map", "Variant", "Tuple", "Nested":
	case "SimpleAggregateFunction":
		first = 1 // the first argument is a function
	default:
		return n, nil // arguments are numbers, names or time zones
	}
	for _, arg := range n.raw[min(first, len(n.raw)):] {
		if n.name == "Tuple" || n.name == "Nested" {
			arg = withoutElementName(arg)
		}
		child, err := parseType(arg)
		if err != nil {
			return nil, err
		}
		n.args = append(n.args, child)
	}
	if len(n.args) == 0 && n.name != "Tuple" {
		return nil, fmt.Errorf("type %q: no argument", text)
	}
	return n, nil
}

// splitArguments splits at commas outside brackets and quotes.
func splitArguments(s string) []string {
	var out []string
	depth, start := 0, 0
	var quote byte
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quote != 0:
			if c == '\\' {
				i++
			} else if c == quote {
				quote = 0
			}
		case c == '\'' || c == '`' || c == '"':
			quote = c
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ',' && depth == 0:
			out = append(out, strings.TrimSpace(s[start:i]))
			start = i + 1
		}
	}
	if rest := strings.TrimSpace(s[start:]); rest != "" {
		out = append(out, rest)
	}
	return out
}

// withoutElementName cuts the name of a tuple element: "a UInt8" is UInt8, "`a b` Array(Tuple(x Int8))" the Array.
// A type has no space outside brackets, so a space there ends a name.
func withoutElementName(s string) string {
	if s != "" && (s[0] == '`' || s[0] == '"') {
		for i := 1; i < len(s); i++ {
			if s[i] == '\\' {
				i++
			} else if s[i] == s[0] {
				return strings.TrimSpace(s[i+1:])
			}
		}
		return s
	}
	space, bracket := strings.IndexByte(s, ' '), strings.IndexByte(s, '(')
	if space > 0 && (bracket < 0 || space < bracket) {
		return strings.TrimSpace(s[space+1:])
	}
	return s
}

// fixedSizes are the bytes per row of types without arguments that matter to the size.
var fixedSizes = map[string]int{
	"UInt8": 1, "Int8": 1, "Bool": 1, "Enum8": 1, "Nothing": 1,
	"UInt16": 2, "Int16": 2, "Enum16": 2, "Date": 2, "BFloat16": 2,
	"UInt32": 4, "Int32": 4, "Float32": 4, "Date32": 4, "DateTime": 4, "IPv4": 4, "Time": 4, "Decimal32": 4,
	"UInt64": 8, "Int64": 8, "Float64": 8, "DateTime64": 8, "Time64": 8, "Decimal64": 8,
	"UInt128": 16, "Int128": 16, "UUID": 16, "IPv6": 16, "Point": 16, "Decimal128": 16,
	"UInt256": 32, "Int256": 32, "Decimal256": 32,
}

// fixedSize returns the bytes a row of the type takes, 0 where they vary.
func (n *node) fixedSize() int {
	switch n.name {
	case "FixedString":
		if len(n.raw) == 1 {
			size, _ := strconv.Atoi(n.raw[0])
			return size
		}
		return 0
	case "Decimal":
		precision := 10
		if len(n.raw) > 0 {
			precision, _ = strconv.Atoi(n.raw[0])
		}
		switch {
		case precision <= 9:
			return 4
		case precision <= 18:
			return 8
		case precision <= 38:
			return 16
		}
		return 32
	}
	if strings.HasPrefix(n.name, "Interval") {
		return 8
	}
	return fixedSizes[n.name]
}
