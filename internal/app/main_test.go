package app_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
	"github.com/rapport-project/rapport/internal/app"
)

func TestMain(m *testing.M) {
	clickhousetest.Child()
	goleak.VerifyTestMain(m)
}

// patience bounds every wait of these tests; none passes by waiting for it.
const patience = 2 * time.Minute

// site is where the processes of one test live: its addresses, and its data folder.
type site struct {
	kafka, clickhouse, dir string
}

func newSite(t *testing.T) site {
	t.Helper()
	return site{kafka: freeAddr(t), clickhouse: freeAddr(t), dir: t.TempDir()}
}

func freeAddr(t *testing.T) string {
	t.Helper()
	// Below the ports that the system hands out by itself, so that nobody takes it while its owner restarts.
	for {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 10000+rand.IntN(20000)))
		if err == nil {
			defer func() { _ = l.Close() }()
			return l.Addr().String()
		}
	}
}

// environ is what a process of the site finds in its environment; more are "NAME=value" without the prefix.
func (s site) environ(more ...string) []string {
	env := []string{
		"RAPPORT_HTTP_ADDR=127.0.0.1:0", "RAPPORT_EMBEDDED_KAFKA_ADDR=" + s.kafka, "RAPPORT_EMBEDDED_CLICKHOUSE_ADDR=" + s.clickhouse,
		"RAPPORT_DATA_DIR=" + filepath.Join(s.dir, "data"), "RAPPORT_PIPELINE_SESSION_TIMEOUT=2s", "RAPPORT_PIPELINE_DRAIN_TIMEOUT=1s",
		"RAPPORT_PIPELINE_RETRY_MAX=200ms", "RAPPORT_LAG_INTERVAL=100ms", "RAPPORT_LAG_STUCK_AFTER=2s",
	}
	for _, m := range more {
		env = append(env, "RAPPORT_"+m)
	}
	return env
}

// process is an App that runs.
type process struct {
	*app.App
	t    *testing.T
	stop func() error
}

// start runs a process and waits until all of its roles run. It stops with the test, if it was not stopped before.
func start(t *testing.T, environ []string, o app.Options) *process {
	t.Helper()
	c, err := app.Load(environ)
	if err != nil {
		t.Fatal(err)
	}
	log := zerolog.Nop()
	if testing.Verbose() {
		log = zerolog.New(os.Stderr).Level(zerolog.InfoLevel)
	}
	p := &process{App: app.New(c, log, o), t: t}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	stopped := false
	p.stop = func() error {
		if stopped {
			return nil
		}
		stopped = true
		cancel()
		select {
		case err := <-done:
			return err
		case <-time.After(patience):
			return errors.New("the process did not end")
		}
	}
	t.Cleanup(func() {
		if err := p.stop(); err != nil {
			t.Errorf("a clean stop came to %v", err)
		}
	})
	select {
	case <-p.Started():
	case err := <-done:
		stopped = true
		cancel()
		t.Fatalf("the process ended while it was starting: %v", err)
	case <-time.After(patience):
		t.Fatal("the process did not start")
	}
	return p
}

// client keeps no connection, so that none counts as a leak.
var client = &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}

// ready is what /readyz says: the status, and what is wrong by part.
func (p *process) ready() (int, map[string]string) {
	resp, err := client.Get("http://" + p.Addr() + "/readyz")
	if err != nil {
		return 0, map[string]string{"http": err.Error()}
	}
	defer func() { _ = resp.Body.Close() }()
	var body struct{ Wrong map[string]string }
	if err := json.NewDecoder(resp.Body).Decode(&body); err != nil {
		return 0, map[string]string{"http": err.Error()}
	}
	return resp.StatusCode, body.Wrong
}

func eventually(t *testing.T, what string, f func() error) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		err := f()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("never %s: %v", what, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// isReady and isNotReady are for eventually.
func (p *process) isReady() error {
	if code, wrong := p.ready(); code != http.StatusOK {
		return fmt.Errorf("%d %v", code, wrong)
	}
	return nil
}

func (p *process) isNotReady(part string) func() error {
	return func() error {
		if code, wrong := p.ready(); code != http.StatusServiceUnavailable || wrong[part] == "" {
			return fmt.Errorf("%d %v", code, wrong)
		}
		return nil
	}
}
