package clickhouse_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/rapport-project/rapport/embedded/clickhouse"
	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
)

// Pages of other sites cannot use the browser of this machine to send queries.
func TestForeignPagesAreRefused(t *testing.T) {
	dsn := clickhousetest.Start(t)
	_, port, _ := strings.Cut(strings.TrimPrefix(dsn, "http://"), ":")
	for _, c := range []struct {
		header, value string
		want          int
	}{
		{"Origin", "https://example.org", http.StatusForbidden},
		{"Origin", "null", http.StatusForbidden},
		{"Origin", "http://127.0.0.1.example.org", http.StatusForbidden},
		{"Origin", dsn, http.StatusOK},
		{"Origin", "http://localhost:3000", http.StatusOK},
		{"Sec-Fetch-Site", "cross-site", http.StatusForbidden},
		{"Sec-Fetch-Site", "same-origin", http.StatusOK},
		{"Host", "example.org:" + port, http.StatusForbidden},
		{"Host", "localhost:" + port, http.StatusOK},
		{"Host", "[::1]:" + port, http.StatusOK},
		{"Host", "127.1.2.3", http.StatusOK},
	} {
		for _, method := range []string{http.MethodPost, http.MethodGet} {
			req, err := http.NewRequest(method, dsn+"/?query=SELECT+1", http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "text/plain")
			if c.header == "Host" {
				req.Host = c.value
			} else {
				req.Header.Set(c.header, c.value)
			}
			resp, err := http.DefaultTransport.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			if text := readAll(t, resp); resp.StatusCode != c.want {
				t.Errorf("%s with %s %s: %s %s, want %d", method, c.header, c.value, resp.Status, text, c.want)
			}
		}
	}
}

// The child does not get what the environment of its parent holds for others.
func TestChildEnvironment(t *testing.T) {
	t.Setenv("RAPPORT_KAFKA_PASSWORD", "secret")
	t.Setenv("GOMAXPROCS", "2")
	s := clickhousetest.StartSupervisor(t, clickhouse.Options{DataDir: t.TempDir()})
	env, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", s.PID()))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(env, []byte("secret")) {
		t.Error("the child has a secret of its parent")
	}
	for _, want := range []string{"TZ=UTC", "GOMAXPROCS=2", "PATH=" + os.Getenv("PATH")} {
		if !bytes.Contains(env, []byte(want)) {
			t.Errorf("the child lacks %s", want)
		}
	}
}

func TestHead(t *testing.T) {
	dsn := clickhousetest.Start(t)
	for _, path := range []string{"/ping", "/", "/replicas_status", "/?query=SELECT+1"} {
		got, err := http.Get(dsn + path)
		if err != nil {
			t.Fatal(err)
		}
		text := readAll(t, got)
		resp, err := http.Head(dsn + path)
		if err != nil {
			t.Fatal(err)
		}
		if body := readAll(t, resp); body != "" || resp.StatusCode != http.StatusOK || resp.ContentLength != int64(len(text)) ||
			resp.Header.Get("Content-Type") != got.Header.Get("Content-Type") {
			t.Errorf("HEAD %s: %s, %d bytes of %s, body %q; GET gives %d bytes", path, resp.Status, resp.ContentLength,
				resp.Header.Get("Content-Type"), body, len(text))
		}
	}
}
