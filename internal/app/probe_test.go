package app_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/rapport-project/rapport/internal/app"
)

// TestProbeReady: the answer of /readyz, also of a process that listens at every address, as one in a container does.
func TestProbeReady(t *testing.T) {
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/readyz" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(`{"wrong":{"kafka":"away"}}`))
	}))
	defer server.Close()
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	// A proxy of the environment is not asked.
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	probe := func(addr string) error {
		c, err := app.Load([]string{"RAPPORT_HTTP_ADDR=" + addr})
		if err != nil {
			t.Fatal(err)
		}
		return app.ProbeReady(t.Context(), c)
	}
	for _, addr := range []string{"127.0.0.1:" + port, "0.0.0.0:" + port, ":" + port, "localhost:" + port} {
		if err := probe(addr); err != nil {
			t.Errorf("%s: %v, want ready", addr, err)
		}
	}
	status = http.StatusServiceUnavailable
	if err := probe("0.0.0.0:" + port); err == nil || !strings.Contains(err.Error(), "503") || !strings.Contains(err.Error(), "kafka") {
		t.Errorf("%v, want 503 with the part that is wrong", err)
	}
	if err := probe("nonsense"); err == nil || !strings.Contains(err.Error(), "RAPPORT_HTTP_ADDR") {
		t.Errorf("%v, want the setting named", err)
	}
	if err := probe(freeAddr(t)); err == nil {
		t.Error("nobody answers, and that counts as ready")
	}
}
