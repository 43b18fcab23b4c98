package ingest

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rapport-project/rapport/internal/auth"
	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rs/zerolog"
)

// Publisher writes messages to the log. A nil error means that every one of them is acknowledged by all in-sync replicas; a
// *kafka.TooLargeError that nothing was sent; any other error leaves the fate of all of them unknown. Whatever it returns, the messages' bytes are the
// caller's again.
type Publisher interface {
	Publish(ctx context.Context, msgs ...kafka.Message) error
}

// Checker judges an event against the definitions in force: its questionnaire, items and scales. The verdict on a bad event
// is a *schemas.InvalidError.
type Checker interface {
	Check(e *schemas.Event) error
}

// CheckerFunc is a Checker that is one function.
type CheckerFunc func(e *schemas.Event) error

// Check implements Checker.
func (f CheckerFunc) Check(e *schemas.Event) error { return f(e) }

// Options are what a Handler works with. Auth, Publisher and Checker must be given.
type Options struct {
	// Config bounds requests; the zero value is DefaultConfig.
	Config Config
	// Auth says who calls.
	Auth *auth.Authenticator
	// Publisher takes what is accepted.
	Publisher Publisher
	// Checker judges what schemas.Parse has read.
	Checker Checker
	// Now is the clock that stands for the append time of the log; nil is time.Now.
	Now func() time.Time
	// Log gets faults; never what is in an event.
	Log zerolog.Logger
	// Registerer takes the metrics; nil keeps them unseen.
	Registerer prometheus.Registerer
}

// Handler serves /v1/events, /v1/validate and /v1/schemas. It is safe for concurrent use.
type Handler struct {
	config    Config
	auth      *auth.Authenticator
	publisher Publisher
	checker   Checker
	now       func() time.Time
	log       zerolog.Logger
	metrics   *metrics
	// structured are the headers of every record in structured mode; nobody writes to them.
	structured []schemas.Header

	router    chi.Router
	inFlight  budget
	rates     *rates
	places    chan struct{} // for computing
	slots     chan struct{} // for publishing
	scratches sync.Pool     // *scratch
	zstd      sync.Pool     // *zstd.Decoder, no more than places are in use at a time
}

// New returns a Handler. It starts nothing.
func New(o Options) *Handler {
	if o.Config == (Config{}) {
		o.Config = DefaultConfig()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	h := &Handler{
		config: o.Config, auth: o.Auth, publisher: o.Publisher, checker: o.Checker,
		now: o.Now, log: o.Log,
		inFlight:   budget{limit: o.Config.MaxInFlightBytes},
		rates:      newRates(o.Config.EventsPerSecond, o.Config.MaxEvents),
		places:     make(chan struct{}, runtime.GOMAXPROCS(0)),
		slots:      make(chan struct{}, o.Config.MaxPublishes),
		router:     chi.NewRouter(),
		scratches:  sync.Pool{New: func() any { return new(scratch) }},
		structured: []schemas.Header{{Name: "content-type", Value: []byte("application/cloudevents+json")}},
	}
	h.metrics = newMetrics(o.Registerer, func() float64 { return float64(h.inFlight.used.Load()) })
	h.Mount(h.router)
	return h
}

// Mount adds the routes, and the answer to an unknown address, to a router that serves others too.
func (h *Handler) Mount(r chi.Router) {
	r.NotFound(h.counted("other", func(w http.ResponseWriter, _ *http.Request) { h.fail(w, problemNotFound()) }))
	route := func(method, pattern string, serve http.HandlerFunc) {
		r.Handle(pattern, h.counted(pattern, func(w http.ResponseWriter, _ *http.Request) { h.fail(w, problemMethod(method)) }))
		r.Method(method, pattern, h.counted(pattern, serve))
	}
	route(http.MethodPost, "/v1/events", func(w http.ResponseWriter, r *http.Request) { h.serveEvents(w, r, true) })
	route(http.MethodPost, "/v1/validate", func(w http.ResponseWriter, r *http.Request) { h.serveEvents(w, r, false) })
	route(http.MethodGet, "/v1/schemas", h.serveSchemas)
	route(http.MethodGet, "/v1/schemas/{name}", h.serveSchema)
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.router.ServeHTTP(w, r) }

// counted counts the answers of a route.
func (h *Handler) counted(route string, serve http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		answer := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		serve(answer, r)
		h.metrics.answered(route, answer.Status())
	}
}

// caller authenticates a request, or says which problem to answer with.
func (h *Handler) caller(r *http.Request, scopes ...auth.Scope) (auth.Caller, *problem) {
	caller, err := h.auth.Authenticate(r, scopes...)
	switch {
	case err == nil:
		return caller, nil
	case errors.Is(err, auth.ErrForbidden):
		return caller, problemForbidden()
	}
	return caller, problemUnauthorized()
}
