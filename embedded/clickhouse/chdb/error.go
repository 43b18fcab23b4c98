package chdb

import (
	"regexp"
	"strconv"
	"strings"
)

// Error is what the engine said of a failed statement.
type Error struct {
	// Code is ClickHouse's error code, 0 where the text carries none.
	Code int
	// Name is ClickHouse's name of the code, as in UNKNOWN_TABLE, or empty.
	Name string
	// Message is the whole text, starting with "Code: ".
	Message string
}

func (e *Error) Error() string { return e.Message }

var (
	codePattern = regexp.MustCompile(`Code: (\d+)\. DB::`)
	namePattern = regexp.MustCompile(`\(([A-Z][A-Z0-9_]+)\)`)
)

// newError reads code and name from the text. The name is the last one in brackets: a message may quote others before it.
func newError(text string) *Error {
	e := &Error{Message: strings.TrimSpace(text)}
	at := codePattern.FindStringSubmatchIndex(text)
	if at == nil {
		return e
	}
	e.Code, _ = strconv.Atoi(text[at[2]:at[3]])
	e.Message = strings.TrimSpace(text[at[0]:])
	if names := namePattern.FindAllStringSubmatch(e.Message, -1); len(names) > 0 {
		e.Name = names[len(names)-1][1]
	}
	return e
}
