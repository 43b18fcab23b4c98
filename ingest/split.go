package ingest

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/rapport-project/rapport/schemas"
)

// format is how the events lie in a body.
type format int

const (
	formatOne    format = iota // one event, or an array of them
	formatBatch                // an array of events
	formatLines                // NDJSON: one event a line
	formatBinary               // HTTP binary mode: attributes in ce- headers, the body is data
)

// incoming is one event as it came, before it is judged.
type incoming struct {
	value []byte
	// headers are the attributes of an event in binary mode, under their Kafka names; nil in structured mode.
	headers []schemas.Header
}

// formatOf says what a request claims to hold, by the HTTP binding of CloudEvents: the media type tells structured mode,
// and without it the ce- headers tell binary mode.
func formatOf(r *http.Request) (format, *problem) {
	contentType := r.Header.Get("Content-Type")
	media, params, err := mime.ParseMediaType(contentType)
	if contentType != "" && err != nil {
		return 0, problemUnsupportedMedia()
	}
	if charset, ok := params["charset"]; ok && !strings.EqualFold(charset, "utf-8") {
		return 0, problemUnsupportedMedia()
	}
	switch media {
	case "application/cloudevents+json":
		return formatOne, nil
	case "application/cloudevents-batch+json":
		return formatBatch, nil
	}
	if isBinary(r.Header) && (media == "application/json" || media == "") {
		return formatBinary, nil
	}
	if isBinary(r.Header) {
		return 0, problemUnsupportedMedia()
	}
	switch media {
	case "application/json":
		return formatOne, nil
	case "application/x-ndjson":
		return formatLines, nil
	}
	return 0, problemUnsupportedMedia()
}

// split cuts a body into its events, their bytes untouched, at most limit, and appends them to events. A body in which no event can be told from the
// next is refused as a whole; what is wrong inside an event is left to the judge.
func split(events []incoming, body []byte, f format, limit int) ([]incoming, *problem) {
	var err error
	switch {
	case f == formatLines:
		events, err = splitLines(events, body, limit)
	case f == formatBatch || firstByte(body) == '[':
		events, err = splitArray(events, body, limit)
	case firstByte(body) != 0:
		events = append(events, incoming{value: body})
	}
	switch {
	case errors.Is(err, errTooMany):
		return nil, problemTooManyEvents(limit)
	case err != nil:
		return nil, problemNotArray()
	case len(events) == 0:
		return nil, problemEmpty()
	}
	return events, nil
}

var (
	errTooMany  = errors.New("more events than allowed")
	errNotArray = errors.New("not a JSON array")
)

func splitLines(events []incoming, body []byte, limit int) ([]incoming, error) {
	for len(body) > 0 {
		line := body
		if at := bytes.IndexByte(body, '\n'); at >= 0 {
			line, body = body[:at], body[at+1:]
		} else {
			body = nil
		}
		if line = trimmed(line); len(line) == 0 {
			continue
		}
		if len(events) == limit {
			return nil, errTooMany
		}
		events = append(events, incoming{value: line})
	}
	return events, nil
}

func splitArray(events []incoming, body []byte, limit int) ([]incoming, error) {
	// Faults inside an event are its own: only what keeps the elements from being told apart counts here.
	d := jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if firstByte(body) != '[' {
		return nil, errNotArray
	}
	if _, err := d.ReadToken(); err != nil {
		return nil, err
	}
	for d.PeekKind() != ']' {
		if len(events) == limit {
			return nil, errTooMany
		}
		value, err := d.ReadValue()
		if err != nil {
			return nil, err
		}
		// The decoder's own buffer may move; the body stays.
		end := d.InputOffset()
		events = append(events, incoming{value: body[end-int64(len(value)) : end : end]})
	}
	if _, err := d.ReadToken(); err != nil {
		return nil, err
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errNotArray
	}
	return events, nil
}

// firstByte is the first byte that is not JSON white space; 0 for none.
func firstByte(body []byte) byte {
	for _, c := range body {
		if !blank(c) {
			return c
		}
	}
	return 0
}

// trimmed is a line without JSON white space around it.
func trimmed(line []byte) []byte {
	for len(line) > 0 && blank(line[0]) {
		line = line[1:]
	}
	for len(line) > 0 && blank(line[len(line)-1]) {
		line = line[:len(line)-1]
	}
	return line[:len(line):len(line)]
}

func blank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }
