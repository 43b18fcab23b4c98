package schemas

import (
	"bytes"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Peek reads as much of an event's identity as can be read, for the dead letter of an event that Parse refuses. It checks
// nothing: what it returns is for people to search by.
func Peek(r Record) (tenant, source, id, typ string) {
	found := map[string]string{}
	if binaryMode(r.Headers) {
		for _, h := range r.Headers {
			if name, ok := strings.CutPrefix(h.Name, "ce_"); ok {
				found[name] = strings.ToValidUTF8(string(h.Value), "\uFFFD")
			}
		}
	} else {
		peekJSON(r.Value, found)
	}
	return found["tenant"], found["source"], found["id"], found["type"]
}

// peekJSON collects the string members of the outermost object up to the first error.
func peekJSON(value []byte, found map[string]string) {
	tokens := jsontext.NewDecoder(bytes.NewBuffer(value), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	if t, err := tokens.ReadToken(); err != nil || t.Kind() != '{' {
		return
	}
	for {
		name, err := tokens.ReadToken()
		if err != nil || name.Kind() != '"' {
			return
		}
		key := name.String()
		if tokens.PeekKind() != '"' {
			if tokens.SkipValue() != nil {
				return
			}
			continue
		}
		text, err := tokens.ReadToken()
		if err != nil {
			return
		}
		switch key {
		case "tenant", "source", "id", "type":
			found[key] = text.String()
		}
	}
}
