package ingest

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/rapport-project/rapport/internal/problems"
)

// problem is why a request as a whole was not taken.
type problem struct {
	problems.Problem
	// Refused says it event by event, where the request was read that far.
	Refused []refused `json:"refused,omitempty"`
}

func newProblem(status int, slug, title, detail string) *problem {
	return &problem{Problem: problems.New(status, slug, title, detail)}
}

func problemUnauthorized() *problem { return &problem{Problem: problems.Unauthorized()} }

func problemForbidden() *problem { return &problem{Problem: problems.Forbidden()} }

func problemNotFound() *problem { return &problem{Problem: problems.NotFound()} }

func problemMethod(allowed string) *problem { return &problem{Problem: problems.Method(allowed)} }

var mediaTypes = []string{"application/cloudevents+json", "application/cloudevents-batch+json", "application/json", "application/x-ndjson"}

func problemUnsupportedMedia() *problem {
	list := strings.Join(mediaTypes, ", ")
	p := newProblem(http.StatusUnsupportedMediaType, "unsupported-media-type", "Unsupported content type",
		"Content-Type must be one of "+list+", in UTF-8; in CloudEvents binary mode (ce- headers) application/json.")
	p.Headers = []string{"Accept-Post", list}
	return p
}

func problemUnsupportedCoding() *problem {
	p := newProblem(http.StatusUnsupportedMediaType, "unsupported-content-encoding", "Unsupported content encoding", "Content-Encoding must be gzip, zstd or identity, once.")
	p.Headers = []string{"Accept-Encoding", "gzip, zstd, identity"}
	return p
}

func problemBodyTooLarge(limit int64) *problem {
	p := newProblem(http.StatusRequestEntityTooLarge, "body-too-large", "The body is too large", fmt.Sprintf("A body may have %d bytes. Send fewer events at a time, or compress them.", limit))
	// The rest of the body is not read, so the connection cannot be used again.
	p.Headers = []string{"Connection", "close"}
	return p
}

func problemUnpackedTooLarge(limit int64) *problem {
	return newProblem(http.StatusRequestEntityTooLarge, "unpacked-too-large", "The unpacked body is too large", fmt.Sprintf("A body may have %d bytes once it is unpacked. Send fewer events at a time.", limit))
}

func problemTooManyEvents(limit int) *problem {
	return newProblem(http.StatusRequestEntityTooLarge, "too-many-events", "Too many events", fmt.Sprintf("A request may hold %d events. Send fewer at a time.", limit))
}

func problemSlowBody(limit time.Duration) *problem {
	p := newProblem(http.StatusRequestTimeout, "slow-body", "The body came too slowly", fmt.Sprintf("It must arrive within %s.", limit))
	p.Headers = []string{"Connection", "close"}
	return p
}

func problemBrokenBody(detail string) *problem {
	return newProblem(http.StatusBadRequest, "broken-body", "The body cannot be read", sentence(detail))
}

func problemNotArray() *problem {
	return newProblem(http.StatusBadRequest, "broken-array", "The body is not a JSON array of events",
		"The array is not valid JSON, so its events cannot be told apart; none was taken. With one event a line (application/x-ndjson) a bad one spoils no other.")
}

func problemEmpty() *problem {
	return newProblem(http.StatusBadRequest, "no-events", "There is no event in the body", "Send at least one event.")
}

func problemNoneAccepted(all []refused) *problem {
	p := newProblem(http.StatusBadRequest, "none-accepted", "None of the events can be taken", "`refused` says why, event by event.")
	p.Refused = all
	return p
}

func problemRate(wait time.Duration) *problem {
	p := newProblem(http.StatusTooManyRequests, "too-many-requests", "Too many events a second", "The tenant's share is used up for the moment; nothing was taken.")
	p.RetryAfter = wait
	return p
}

func problemOverloaded() *problem {
	p := newProblem(http.StatusServiceUnavailable, "overloaded", "Too much in flight", "Nothing was taken. Send the same events again a little later.")
	p.RetryAfter = time.Second
	return p
}

func problemUnavailable() *problem {
	p := newProblem(http.StatusServiceUnavailable, "unavailable", "Events cannot be stored now",
		"Not every event was acknowledged by the broker, so count none as taken. Send the same events, with the same ids, again: those that did arrive count once.")
	p.RetryAfter = 5 * time.Second
	return p
}

func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] + "." }
