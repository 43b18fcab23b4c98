package yamlfile

import (
	"fmt"
	"slices"
	"strings"
)

// Problem is one mistake in a file: where it is and what is wanted instead.
type Problem struct {
	File string
	Line int // 1-based; 0 where the mistake has no line, as with a missing file
	// Field is the path of the value, as in "items[2].weight"; "" is the whole file.
	Field string
	// Detail says what was found and what is wanted.
	Detail string
}

func (p Problem) String() string {
	var text strings.Builder
	text.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&text, ":%d", p.Line)
	}
	if p.Field != "" {
		fmt.Fprintf(&text, ": %s", p.Field)
	}
	fmt.Fprintf(&text, ": %s", p.Detail)
	return text.String()
}

// Problems are all the mistakes of one or more files; as an error, one line each.
type Problems []Problem

func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// Err is nil where there are no problems.
func (ps Problems) Err() error {
	if len(ps) == 0 {
		return nil
	}
	return ps
}

// sorted orders the problems of one file by line, keeping the order found within a line.
func (ps Problems) sorted() Problems {
	slices.SortStableFunc(ps, func(a, b Problem) int { return a.Line - b.Line })
	return ps
}
