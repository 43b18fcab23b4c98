package telemetry

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Check says whether a part is well: nil, or why not. It must return soon after ctx ends.
type Check func(ctx context.Context) error

// Health answers /readyz from the checks of a process's parts. The zero value has none and is ready.
type Health struct {
	mu     sync.Mutex
	names  []string
	checks map[string]Check
}

// Add registers a part's check under a name.
func (h *Health) Add(name string, c Check) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.checks == nil {
		h.checks = map[string]Check{}
	}
	if _, ok := h.checks[name]; !ok {
		h.names = append(h.names, name)
	}
	h.checks[name] = c
}

// checkTimeout bounds one round of checks, so that a probe is answered even where a part hangs.
const checkTimeout = 3 * time.Second

// Ready runs all checks at once and returns what is wrong, by part; empty means ready.
func (h *Health) Ready(ctx context.Context) map[string]string {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	h.mu.Lock()
	names := append([]string(nil), h.names...)
	checks := make([]Check, len(names))
	for i, n := range names {
		checks[i] = h.checks[n]
	}
	h.mu.Unlock()
	errs := make([]error, len(names))
	var wg sync.WaitGroup
	for i := range checks {
		wg.Go(func() { errs[i] = checks[i](ctx) })
	}
	wg.Wait()
	wrong := map[string]string{}
	for i, err := range errs {
		if err != nil {
			wrong[names[i]] = err.Error()
		}
	}
	return wrong
}

// Routes adds /healthz (the process answers), /readyz (its parts are well; 503 says which is not) and /metrics.
func Routes(mux interface {
	Method(method, pattern string, h http.Handler)
}, h *Health, reg *prometheus.Registry) {
	mux.Method(http.MethodGet, "/healthz", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]any{"status": "ok"})
	}))
	mux.Method(http.MethodGet, "/readyz", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if wrong := h.Ready(r.Context()); len(wrong) > 0 {
			writeJSON(w, http.StatusServiceUnavailable, map[string]any{"status": "not ready", "wrong": wrong})
			return
		}
		writeJSON(w, http.StatusOK, map[string]any{"status": "ready"})
	}))
	mux.Method(http.MethodGet, "/metrics", promhttp.HandlerFor(reg, promhttp.HandlerOpts{}))
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client may be gone; there is nobody else to tell
}
