package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/klauspost/compress/gzhttp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/internal/auth"
	"github.com/rapport-project/rapport/internal/problems"
	"github.com/rapport-project/rapport/metrics"
	"github.com/rapport-project/rapport/questionnaires"
	"github.com/rapport-project/rapport/rolling"
	"github.com/rapport-project/rapport/tenants"
)

// Figures computes what is not stored: figures of any instant, and series. It must be bounded by its context.
type Figures interface {
	Figures(ctx context.Context, asked rolling.Asked) ([]rolling.Figure, error)
	Series(ctx context.Context, asked rolling.SeriesAsked) ([]rolling.Figure, error)
}

// Options are what a Handler works with. All but Config, Now, Log and Registerer must be given.
type Options struct {
	// Config bounds requests; the zero value is DefaultConfig.
	Config Config
	// Auth says who calls.
	Auth *auth.Authenticator
	// Conn is where figures, facts and alerts are read.
	Conn driver.Conn
	// Figures computes.
	Figures Figures
	// Metrics is the catalogue, in its order.
	Metrics        []metrics.Metric
	Questionnaires *questionnaires.Catalog
	// Settings has the tenants' cuts and zones.
	Settings interface {
		For(id string) tenants.Tenant
	}
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// Log gets faults; never what a caller wrote.
	Log zerolog.Logger
	// Registerer takes the metrics; nil keeps them unseen.
	Registerer prometheus.Registerer
}

// Handler serves the read API. It is safe for concurrent use.
type Handler struct {
	o       Options
	config  Config
	gate    *gate
	metrics *requestMetrics
	router  chi.Router
}

// New returns a Handler. It starts nothing.
func New(o Options) *Handler {
	if o.Config == (Config{}) {
		o.Config = DefaultConfig()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	h := &Handler{o: o, config: o.Config, gate: newGate(o.Config), metrics: newRequestMetrics(o.Registerer), router: chi.NewRouter()}
	h.router.NotFound(h.NotFound)
	h.Mount(h.router)
	return h
}

// Mount adds the routes to a router that serves others too.
func (h *Handler) Mount(r chi.Router) {
	for _, rt := range routes() {
		r.Handle(rt.pattern, h.counted(rt.pattern, func(w http.ResponseWriter, _ *http.Request) {
			h.fail(w, &problem{Problem: problems.Method(http.MethodGet)})
		}))
		serve := h.counted(rt.pattern, gzhttp.GzipHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.serve(w, r, rt) })))
		r.Method(http.MethodGet, rt.pattern, serve)
		r.Method(http.MethodHead, rt.pattern, serve)
	}
}

// NotFound answers an unknown address.
func (h *Handler) NotFound(w http.ResponseWriter, r *http.Request) {
	h.counted("other", func(w http.ResponseWriter, _ *http.Request) { h.fail(w, &problem{Problem: problems.NotFound()}) })(w, r)
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.router.ServeHTTP(w, r) }

// counted times the answers of a route.
func (h *Handler) counted(pattern string, serve http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		begun := time.Now()
		answer := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		serve(answer, r)
		h.metrics.answered(pattern, answer.Status(), time.Since(begun))
	}
}

// serve answers one request.
func (h *Handler) serve(w http.ResponseWriter, r *http.Request, rt route) {
	caller, err := h.o.Auth.Authenticate(r, rt.scopes...)
	switch {
	case errors.Is(err, auth.ErrForbidden):
		h.fail(w, &problem{Problem: problems.Forbidden()})
		return
	case err != nil:
		h.fail(w, &problem{Problem: problems.Unauthorized()})
		return
	}
	o := offer{config: h.config, tenant: h.o.Settings.For(caller.Tenant), metrics: h.o.Metrics, catalog: h.o.Questionnaires, now: h.o.Now().UTC()}
	o.tenant.ID = caller.Tenant
	asked, p := rt.read(o, r)
	if p != nil {
		h.fail(w, p)
		return
	}
	answer, err := h.compute(r.Context(), rt, asked)
	switch {
	case err == nil:
		h.reply(w, r, rt, answer)
	case r.Context().Err() != nil:
		// Nobody waits for the answer any more.
		w.WriteHeader(statusGone)
	default:
		p := h.refusal(err)
		if p.Status >= http.StatusInternalServerError {
			h.o.Log.Warn().Err(err).Str("tenant", caller.Tenant).Str("route", rt.pattern).Msg("a request for figures was not answered")
		}
		h.fail(w, p)
	}
}

// statusGone is what is counted where the caller went away before its answer was there.
const statusGone = 499

// compute makes the answer, within its place and its time.
func (h *Handler) compute(ctx context.Context, rt route, asked *request) (any, error) {
	if !rt.light {
		leave, p := h.gate.enter(ctx, asked.tenant.ID)
		if p != nil {
			return nil, p
		}
		defer leave()
	}
	ctx, cancel := context.WithTimeout(ctx, h.config.Timeout)
	defer cancel()
	return rt.serve(h, ctx, asked)
}
