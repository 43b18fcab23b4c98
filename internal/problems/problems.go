// Package problems is how the HTTP interface says that a request as a whole was refused: RFC 9457 problem details, with a stable type by which
// programs tell them apart. It holds those that every part of the interface has.
package problems

import (
	"net/http"
	"strconv"
	"time"
)

// MediaType is what problems are sent as.
const MediaType = "application/problem+json"

// Problem is why a request was refused. A part that tells more of it embeds a Problem in a type of its own.
type Problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`

	// RetryAfter is when to come back; 0: it is not a matter of time.
	RetryAfter time.Duration `json:"-"`
	// Headers are names and values by turns.
	Headers []string `json:"-"`
}

// New is a problem of type urn:rapport:problem:SLUG.
func New(status int, slug, title, detail string) Problem {
	return Problem{Type: "urn:rapport:problem:" + slug, Title: title, Status: status, Detail: detail}
}

// Unauthorized says that there is no key, or it is not one of ours.
func Unauthorized() Problem {
	p := New(http.StatusUnauthorized, "unauthorized", "A valid API key is required", "Send the key as `Authorization: Bearer KEY` or `X-API-Key: KEY`.")
	p.Headers = []string{"WWW-Authenticate", `Bearer realm="rapport"`}
	return p
}

// Forbidden says that the caller is known, or only local ones are let in, and this one may not do that.
func Forbidden() Problem {
	return New(http.StatusForbidden, "forbidden", "Not allowed", "The API key lacks the scope for this; or there is no API keys file, and then only callers on the same machine are let in.")
}

// NotFound says that the address is none.
func NotFound() Problem {
	return New(http.StatusNotFound, "not-found", "Nothing here", "There is no such address.")
}

// Method says that the address takes another method.
func Method(allowed string) Problem {
	p := New(http.StatusMethodNotAllowed, "method-not-allowed", "Another method is needed", "Use "+allowed+".")
	p.Headers = []string{"Allow", allowed}
	return p
}

// Header puts what belongs to the problem beside its body.
func (p Problem) Header(h http.Header) {
	for i := 0; i+1 < len(p.Headers); i += 2 {
		h.Set(p.Headers[i], p.Headers[i+1])
	}
	if p.RetryAfter > 0 {
		// Whole seconds, rounded up: back too early is back for nothing.
		h.Set("Retry-After", strconv.FormatInt(int64((p.RetryAfter+time.Second-1)/time.Second), 10))
	}
}
