package ingest

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/rapport-project/rapport/schemas"
)

// isBinary tells whether the headers carry an event's attributes.
func isBinary(h http.Header) bool {
	return len(h["Ce-Id"]) > 0 || len(h["Ce-Specversion"]) > 0
}

// fromHeaders is the event of a request in HTTP binary mode, in the headers that Kafka's binary mode has. A header that
// comes twice is passed on twice, so that it is refused rather than half ignored.
func fromHeaders(h http.Header, data []byte) incoming {
	in := incoming{value: data, headers: []schemas.Header{{Name: "content-type", Value: []byte("application/json")}}}
	for name, values := range h {
		attribute, ok := strings.CutPrefix(strings.ToLower(name), "ce-")
		if !ok {
			continue
		}
		for _, v := range values {
			in.headers = append(in.headers, schemas.Header{Name: "ce_" + attribute, Value: []byte(decodeHeader(v))})
		}
	}
	return in
}

// decodeHeader undoes the encoding of an attribute as CloudEvents' HTTP binding 3.1.3.2 says: first a quoted string, then
// one round of percent decoding. What does not decode stays as it is and is judged so.
func decodeHeader(v string) string {
	if len(v) >= 2 && v[0] == '"' && v[len(v)-1] == '"' {
		v = unquote(v[1 : len(v)-1])
	}
	if decoded, err := url.PathUnescape(v); err == nil {
		return decoded
	}
	return v
}

func unquote(v string) string {
	var b strings.Builder
	for i := 0; i < len(v); i++ {
		if v[i] == '\\' && i+1 < len(v) {
			i++
		}
		b.WriteByte(v[i])
	}
	return b.String()
}
