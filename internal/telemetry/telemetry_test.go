package telemetry_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"github.com/rapport-project/rapport/internal/telemetry"
)

func get(t *testing.T, h http.Handler, path string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	body, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Code, string(body)
}

func TestReadyzNamesWhatIsWrong(t *testing.T) {
	var health telemetry.Health
	r := chi.NewRouter()
	telemetry.Routes(r, &health, telemetry.NewRegistry())

	if code, _ := get(t, r, "/readyz"); code != http.StatusOK {
		t.Fatalf("no checks: %d, want 200", code)
	}
	var broken error
	health.Add("consumer", func(context.Context) error { return broken })
	health.Add("broker", func(context.Context) error { return nil })
	if code, _ := get(t, r, "/readyz"); code != http.StatusOK {
		t.Fatalf("all well: %d, want 200", code)
	}
	broken = errors.New("stuck at offset 7")
	code, body := get(t, r, "/readyz")
	if code != http.StatusServiceUnavailable || !strings.Contains(body, `"consumer":"stuck at offset 7"`) || strings.Contains(body, "broker") {
		t.Fatalf("%d %s", code, body)
	}
	if code, _ := get(t, r, "/healthz"); code != http.StatusOK {
		t.Fatalf("healthz: %d, want 200 however the parts are", code)
	}
}

func TestMetricsAreServed(t *testing.T) {
	r := chi.NewRouter()
	telemetry.Routes(r, &telemetry.Health{}, telemetry.NewRegistry())
	if code, body := get(t, r, "/metrics"); code != http.StatusOK || !strings.Contains(body, "go_goroutines") {
		t.Fatalf("%d %.200s", code, body)
	}
}

func TestLoggerRefusesAnUnknownLevel(t *testing.T) {
	if _, err := telemetry.NewLogger(telemetry.LogConfig{Level: "loud"}, io.Discard, false); err == nil {
		t.Fatal("level loud was taken")
	}
	var out bytes.Buffer
	log, err := telemetry.NewLogger(telemetry.LogConfig{Level: "warn", Format: "auto"}, &out, false)
	if err != nil {
		t.Fatal(err)
	}
	log.Info().Msg("quiet")
	log.Warn().Msg("heard")
	if s := out.String(); strings.Contains(s, "quiet") || !strings.Contains(s, `"message":"heard"`) {
		t.Fatal(s)
	}
}
