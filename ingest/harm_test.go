package ingest

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rapport-project/rapport/internal/kafka"
)

// served is a handler behind a real server.
func served(t *testing.T, settings ...setting) (*Handler, *fakePublisher, string) {
	t.Helper()
	h, p := newHandler(t, settings...)
	server := httptest.NewUnstartedServer(h)
	bounded := NewServer(ServerConfig{HeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 32 << 10}, h)
	bounded.Addr = server.Config.Addr
	server.Config = bounded
	server.Start()
	t.Cleanup(server.Close)
	return h, p, server.URL
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("still not so: %s", what)
		}
	}
}

// slowClient sends headers and the start of a body, and then nothing.
func slowClient(t *testing.T, url string, length int) net.Conn {
	t.Helper()
	address := strings.TrimPrefix(url, "http://")
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if _, err := fmt.Fprintf(c, "POST /v1/events HTTP/1.1\r\nHost: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n{\"id\":", address, ceType, length); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSlowClientsAreCutAndHoldNobodyUp(t *testing.T) {
	const slow = 50
	// Held in full, the bodies announced would be more than there is room for.
	h, p, url := served(t, with(func(c *Config) { c.BodyTimeout, c.MaxInFlightBytes = 4*time.Second, 27<<20 }))
	conns := make([]net.Conn, slow)
	for i := range conns {
		conns[i] = slowClient(t, url, 1<<20)
	}
	eventually(t, "all slow clients have begun", func() bool { return h.inFlight.used.Load() >= slow*firstBuffer })
	if used := h.inFlight.used.Load(); used != slow*firstBuffer {
		t.Errorf("%d slow clients hold %d bytes", slow, used)
	}
	for i := range 20 {
		if a, err := over(t, url+"/v1/events", ceType, bytes.NewReader(event(t, fmt.Sprint(i)))); err != nil || a.status != 202 {
			t.Errorf("beside slow clients: %d, %v", a.status, err)
		}
	}
	if len(p.messages()) != 20 {
		t.Errorf("published %d", len(p.messages()))
	}
	for _, c := range conns {
		_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
		resp, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if a := read(t, resp.StatusCode, resp.Header, body); a.status != 408 || !resp.Close {
			t.Errorf("a slow client got %d %s", a.status, a.raw)
		}
	}
	eventually(t, "slow clients hold nothing", func() bool { return h.inFlight.used.Load() == 0 })
}

func TestHugeBodies(t *testing.T) {
	h, p, url := served(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			// Length announced, and not: a reader of unknown length is sent in chunks.
			for _, body := range []io.Reader{bytes.NewReader(make([]byte, 10<<20)), io.LimitReader(zeros{}, 10<<20)} {
				// The connection is cut while the client still sends, so the answer may be lost; another answer may not come.
				if a, err := over(t, url+"/v1/events", ceType, body); err == nil && a.status != 413 {
					t.Errorf("10 MB: %d", a.status)
				}
			}
		})
		wg.Go(func() {
			for i := range 10 {
				if a, err := over(t, url+"/v1/events", ceType, bytes.NewReader(event(t, fmt.Sprint(i)))); err != nil || a.status != 202 {
					t.Errorf("beside huge bodies: %d, %v", a.status, err)
				}
			}
		})
	}
	wg.Wait()
	if len(p.messages()) != 80 {
		t.Errorf("published %d", len(p.messages()))
	}
	eventually(t, "nothing is held", func() bool { return h.inFlight.used.Load() == 0 })
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// counting counts what is read of a body.
type counting struct {
	io.Reader
	n int64
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += int64(n)
	return n, err
}

func TestNoMoreIsReadThanTheLimit(t *testing.T) {
	h, _ := newHandler(t)
	body := &counting{Reader: zeros{}}
	r := httptest.NewRequest(http.MethodPost, "/v1/events", body)
	r.ContentLength = -1
	r.RemoteAddr, r.Host = "127.0.0.1:1", "localhost"
	r.Header.Set("Content-Type", ceType)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != 413 || body.n > 1<<20+1 {
		t.Errorf("status %d after %d bytes", w.Code, body.n)
	}
}

func TestBrokenClientsLeaveNothingBehind(t *testing.T) {
	h, _, url := served(t)
	for range 20 {
		slowClient(t, url, 1<<20).Close()
	}
	eventually(t, "each was answered", func() bool { return h.inFlight.used.Load() == 0 })
	if a, err := over(t, url+"/v1/events", ceType, bytes.NewReader(event(t, "a"))); err != nil || a.status != 202 {
		t.Errorf("afterwards: %d, %v", a.status, err)
	}
}

func TestBytesInFlightAreBounded(t *testing.T) {
	release := make(chan struct{})
	h, p := newHandler(t, with(func(c *Config) { c.MaxInFlightBytes = 3 << 20 }))
	p.reply = func(ctx context.Context, _ []kafka.Message) error {
		select {
		case <-release:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	big := event(t, "big", `data.comment="`+strings.Repeat("a", 900<<10)+`"`)
	var first sync.WaitGroup
	first.Go(func() {
		if a := post(t, h, "/v1/events", ceType, big); a.status != 202 {
			t.Errorf("the one that was there first: %d", a.status)
		}
	})
	eventually(t, "the first is being published", func() bool { return len(h.slots) == 1 })
	if a := post(t, h, "/v1/events", ceType, big); a.status != 503 || a.header.Get("Retry-After") == "" || !strings.Contains(a.Type, "overloaded") {
		t.Errorf("without room: %d %s", a.status, a.raw)
	}
	close(release)
	if a := post(t, h, "/v1/events", ceType, event(t, "small")); a.status != 202 {
		t.Errorf("a small one has room: %d", a.status)
	}
	first.Wait()
	if h.inFlight.used.Load() != 0 || len(p.messages()) != 2 {
		t.Errorf("%d bytes stay taken, %d published", h.inFlight.used.Load(), len(p.messages()))
	}
}

// TestPublishMayOutlastTheBodyDeadline: the deadline for the body must not end the request once the body is there.
func TestPublishMayOutlastTheBodyDeadline(t *testing.T) {
	_, p, url := served(t, with(func(c *Config) { c.BodyTimeout = time.Second }))
	p.reply = func(ctx context.Context, _ []kafka.Message) error {
		select {
		case <-time.After(1500 * time.Millisecond):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if a, err := over(t, url+"/v1/events", ceType, bytes.NewReader(event(t, "a"))); err != nil || a.status != 202 {
		t.Errorf("%d %s, %v", a.status, a.raw, err)
	}
	// Without a body the server already waits for the next request, with the deadline on it, while this one is served.
	if a, err := over(t, url+"/v1/events", "application/json", nil, "ce-specversion", "1.0", "ce-id", "r", "ce-source", "/crm", "ce-type", "rapport.contact.v1",
		"ce-time", "2026-03-02T11:00:00Z", "ce-revision", "1", "ce-retracted", "true"); err != nil || a.status != 202 {
		t.Errorf("a retraction without a body: %d %s, %v", a.status, a.raw, err)
	}
}
