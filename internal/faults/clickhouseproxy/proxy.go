// Package clickhouseproxy stands between clients and ClickHouse's HTTP interface and does to statements what networks and
// servers do in production: cuts them off in the middle, loses answers, refuses, keeps them waiting.
package clickhouseproxy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"
)

// Statement is one statement of a client.
type Statement struct {
	// Text begins the statement.
	Text string
	// Insert is the table that it inserts into, with its database; empty where it does not.
	Insert string
	// Bytes of the request's body.
	Bytes int
}

// Action is what happens to a statement; the zero value lets it pass.
type Action struct {
	// Before runs before the server sees the statement; an error cuts the connection instead.
	Before func() error
	// Code is an error of ClickHouse's to answer with; the server never sees the statement. 0 is none.
	Code int
	// Half sends half of the body to the server and cuts both connections.
	Half bool
	// Settings are added to the statement's, so that the server refuses it for reasons of its own.
	Settings map[string]string
	// After runs when the server has answered and the client does not know yet; an error cuts the connection, the answer lost.
	After func() error
	// Answered runs when the client has the answer.
	Answered func()
}

// Rule decides what happens to a statement. It is called by several connections at once.
type Rule func(Statement) Action

// Proxy listens on a port of its own.
type Proxy struct {
	upstream  string
	server    *http.Server
	transport *http.Transport
	listener  net.Listener
	served    chan struct{}

	mu   sync.Mutex
	rule Rule
}

// Start listens on a free port of 127.0.0.1 and passes what comes to upstream, an http URL without a path, until Close.
func Start(upstream string) (*Proxy, error) {
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{upstream: upstream, listener: l, transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 32}, served: make(chan struct{})}
	p.server = &http.Server{Handler: http.HandlerFunc(p.pass), ReadHeaderTimeout: time.Minute}
	go func() {
		defer close(p.served)
		_ = p.server.Serve(l) // it ends by Close
	}()
	return p, nil
}

// DSN is where clients connect.
func (p *Proxy) DSN() string { return "http://" + p.listener.Addr().String() }

// Set puts a rule in force for statements to come; nil lets all pass.
func (p *Proxy) Set(r Rule) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rule = r
}

// Close stops it and returns when it no longer serves.
func (p *Proxy) Close() {
	_ = p.server.Close()
	<-p.served
	p.transport.CloseIdleConnections()
}

var insert = regexp.MustCompile(`(?is)^\s*INSERT\s+INTO\s+([\w.]+)`)

func (p *Proxy) pass(w http.ResponseWriter, r *http.Request) {
	// Whole, so that a client that leaves does not cut what is under way: that is for actions to do.
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	s := Statement{Text: r.URL.Query().Get("query"), Bytes: len(body)}
	if s.Text == "" {
		s.Text = string(body[:min(len(body), 4000)])
	}
	if m := insert.FindStringSubmatch(s.Text); m != nil {
		s.Insert = m[1]
	}
	p.mu.Lock()
	rule := p.rule
	p.mu.Unlock()
	var a Action
	if rule != nil {
		a = rule(s)
	}
	if a.Before != nil && a.Before() != nil {
		panic(http.ErrAbortHandler)
	}
	if a.Code != 0 {
		w.Header().Set("X-ClickHouse-Exception-Code", fmt.Sprint(a.Code))
		http.Error(w, fmt.Sprintf("Code: %d. DB::Exception: refused by the test. (%s)", a.Code, names[a.Code]), http.StatusInternalServerError)
		return
	}
	answer, err := p.forward(r, body, a)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer func() { _ = answer.Body.Close() }()
	text := io.Reader(answer.Body)
	if a.After != nil {
		// The server is done with the statement once its answer ends.
		whole, err := io.ReadAll(answer.Body)
		if err != nil || a.After() != nil {
			panic(http.ErrAbortHandler)
		}
		text = bytes.NewReader(whole)
	}
	for name, values := range answer.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.StatusCode)
	if _, err := io.Copy(w, text); err != nil {
		panic(http.ErrAbortHandler)
	}
	if a.Answered != nil {
		_ = http.NewResponseController(w).Flush() // a client that is gone needs no answer
		a.Answered()
	}
}

var errHalf = errors.New("cut in the middle")

// broken gives what it holds and then fails, where a whole body would end.
type broken struct{ io.Reader }

func (b broken) Read(buf []byte) (int, error) {
	n, err := b.Reader.Read(buf)
	if errors.Is(err, io.EOF) {
		err = errHalf
	}
	return n, err
}

func (p *Proxy) forward(r *http.Request, body []byte, a Action) (*http.Response, error) {
	half := a.Half
	to, err := url.Parse(p.upstream)
	if err != nil {
		return nil, err
	}
	query := r.URL.Query()
	for name, value := range a.Settings {
		query.Set(name, value)
	}
	to.Path, to.RawQuery = r.URL.Path, query.Encode()
	var reader io.Reader = bytes.NewReader(body)
	if half {
		reader = broken{bytes.NewReader(body[:len(body)/2])}
	}
	ctx := r.Context()
	if half {
		ctx = context.WithoutCancel(ctx)
	}
	out, err := http.NewRequestWithContext(ctx, r.Method, to.String(), reader)
	if err != nil {
		return nil, err
	}
	out.Header = r.Header.Clone()
	for name := range out.Header {
		if strings.EqualFold(name, "Connection") || strings.EqualFold(name, "Content-Length") {
			out.Header.Del(name)
		}
	}
	return p.transport.RoundTrip(out)
}

// names of the errors that tests answer with.
var names = map[int]string{159: "TIMEOUT_EXCEEDED", 241: "MEMORY_LIMIT_EXCEEDED", 243: "NOT_ENOUGH_SPACE", 252: "TOO_MANY_PARTS", 209: "SOCKET_TIMEOUT", 210: "NETWORK_ERROR"}
