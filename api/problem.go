package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/rapport-project/rapport/internal/problems"
)

// problem is why a request was not answered.
type problem struct {
	problems.Problem
	// Parameters says it parameter by parameter, all that are wrong at once.
	Parameters []wrongParameter `json:"parameters,omitempty"`
}

// wrongParameter says of one parameter what is wrong and what is wanted.
type wrongParameter struct {
	Parameter string `json:"parameter" jsonschema:"the parameter's name"`
	Detail    string `json:"detail" jsonschema:"what is wrong and what is wanted"`
}

func newProblem(status int, slug, title, detail string) *problem {
	return &problem{Problem: problems.New(status, slug, title, detail)}
}

func problemParameters(wrong []wrongParameter) *problem {
	p := newProblem(http.StatusBadRequest, "invalid-parameters", "The parameters are not right", "`parameters` says why, one by one. /openapi.json has those there are.")
	p.Parameters = wrong
	return p
}

func problemQuery() *problem {
	return newProblem(http.StatusBadRequest, "broken-query", "The query cannot be read", "After the ? stands name=value&name=value, percent-encoded.")
}

func problemMetric() *problem {
	return newProblem(http.StatusNotFound, "unknown-metric", "There is no such metric", "GET /v1/metrics lists those there are.")
}

func problemRows(limit int) *problem {
	return newProblem(http.StatusBadRequest, "too-many-rows", "The answer would be too large",
		fmt.Sprintf("An answer may have %d figures. Ask for fewer: by cut_value, questionnaire, detail, or over a shorter time.", limit))
}

func problemTenantBusy() *problem {
	p := newProblem(http.StatusTooManyRequests, "too-many-requests", "Too many requests at the same time", "The tenant's share is used up for the moment.")
	p.RetryAfter = time.Second
	return p
}

func problemBusy() *problem {
	p := newProblem(http.StatusServiceUnavailable, "overloaded", "Too many requests at the same time", "Ask again a little later.")
	p.RetryAfter = time.Second
	return p
}

func problemSlow(limit time.Duration) *problem {
	return newProblem(http.StatusServiceUnavailable, "too-slow", "The answer took too long to compute",
		fmt.Sprintf("It may take %s. Ask for a shorter time, or for fewer values of the cut.", limit))
}

func problemUnavailable() *problem {
	p := newProblem(http.StatusServiceUnavailable, "unavailable", "Figures cannot be read now", "The database does not answer as it should. Ask again a little later.")
	p.RetryAfter = 5 * time.Second
	return p
}

// Error implements error, so that what computes an answer can refuse it.
func (p *problem) Error() string { return p.Title }

// What ClickHouse says where a bound of the statement was met.
const (
	codeTimeout   = 159
	codeTooSlow   = 160
	codeRows      = 396
	codeMemory    = 241
	codeCancelled = 394
)

// refusal is what a fault is answered with. It is the caller's affair only where it met a bound.
func (h *Handler) refusal(err error) *problem {
	var p *problem
	var exception *clickhouse.Exception
	switch {
	case errors.As(err, &p):
		return p
	case errors.Is(err, context.DeadlineExceeded):
		return problemSlow(h.config.Timeout)
	case errors.As(err, &exception):
		switch exception.Code {
		case codeTimeout, codeTooSlow, codeMemory, codeCancelled:
			return problemSlow(h.config.Timeout)
		case codeRows:
			return problemRows(h.config.MaxRows)
		}
	}
	return problemUnavailable()
}
