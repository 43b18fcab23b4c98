package ingest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rapport-project/rapport/internal/auth"
	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/processors"
	"github.com/rapport-project/rapport/questionnaires"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/tenants"
	"github.com/rs/zerolog"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// noon is the append time of all tests.
var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

const ceType = "application/cloudevents+json"

// fakePublisher keeps what it is given; reply, where set, decides first.
type fakePublisher struct {
	mu    sync.Mutex
	got   []kafka.Message
	reply func(ctx context.Context, msgs []kafka.Message) error
}

func (p *fakePublisher) Publish(ctx context.Context, msgs ...kafka.Message) error {
	if p.reply != nil {
		if err := p.reply(ctx, msgs); err != nil {
			return err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	// The bytes are the handler's again once this returns.
	for _, m := range msgs {
		m.Key, m.Value = bytes.Clone(m.Key), bytes.Clone(m.Value)
		p.got = append(p.got, m)
	}
	return nil
}

func (p *fakePublisher) messages() []kafka.Message {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.got
}

// shipped checks by the definitions that come with the product.
var shipped = sync.OnceValue(func() Checker {
	catalog, err := questionnaires.Load(questionnaires.Shipped(), "")
	if err != nil {
		panic(err)
	}
	settings, err := tenants.Load("")
	if err != nil {
		panic(err)
	}
	d := &processors.Definitions{Questionnaires: catalog, Tenants: settings}
	return CheckerFunc(func(e *schemas.Event) error { return processors.Check(e, d) })
})

// setting changes what a test's handler is made of.
type setting func(*Options)

func with(f func(*Config)) setting { return func(o *Options) { f(&o.Config) } }

func newHandler(t testing.TB, settings ...setting) (*Handler, *fakePublisher) {
	t.Helper()
	local, err := auth.Open("")
	if err != nil {
		t.Fatal(err)
	}
	p := &fakePublisher{}
	o := Options{
		Config: DefaultConfig(), Auth: local, Publisher: p, Checker: shipped(),
		Now: func() time.Time { return noon }, Log: zerolog.Nop(),
	}
	for _, s := range settings {
		s(&o)
	}
	return New(o), p
}

func withKeys(t testing.TB) setting {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys.yaml")
	text := "keys:\n"
	for _, k := range []struct{ key, tenant, scopes string }{{"acme-key", "acme", "ingest, read"}, {"acme-next", "acme", "ingest"}, {"globex-key", "globex", "ingest"}, {"reader-key", "acme", "read"}} {
		text += fmt.Sprintf("- {id: %s, sha256: %s, tenant: %s, scopes: [%s]}\n", k.key, auth.Hash(k.key), k.tenant, k.scopes)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	a, err := auth.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return func(o *Options) { o.Auth = a }
}

// answer is any answer of the handler, taken apart.
type answer struct {
	status   int
	header   http.Header
	Type     string
	Status   int
	Accepted int
	Refused  []refused
	raw      string
}

func read(t testing.TB, status int, header http.Header, body []byte) answer {
	t.Helper()
	a := answer{status: status, header: header, raw: string(body)}
	if err := json.Unmarshal(body, &a); err != nil {
		t.Fatalf("status %d: the answer is not JSON: %v\n%s", status, err, body)
	}
	switch media := header.Get("Content-Type"); {
	case status < 400 && media != "application/json", status >= 400 && media != "application/problem+json":
		t.Errorf("status %d with content type %q", status, media)
	}
	if status >= 400 && (a.Status != status || a.Type == "" || a.Accepted != 0) {
		t.Errorf("status %d with problem %s", status, a.raw)
	}
	return a
}

// post sends a body straight to the handler, as from a local caller. Headers are names and values.
func post(t testing.TB, h http.Handler, path, contentType string, body []byte, headers ...string) answer {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(body))
	r.RemoteAddr, r.Host = "127.0.0.1:40000", "127.0.0.1:8080"
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return read(t, w.Code, w.Header(), w.Body.Bytes())
}

// over sends a body over a connection.
func over(t testing.TB, url, contentType string, body io.Reader, headers ...string) (answer, error) {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, url, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", contentType)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	transport := &http.Transport{DisableCompression: true}
	defer transport.CloseIdleConnections()
	resp, err := (&http.Client{Transport: transport}).Do(r)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer{}, err
	}
	return read(t, resp.StatusCode, resp.Header, text), nil
}

// event is a good survey response with members changed: name=JSON, where a name "data.x" is in data, and an empty JSON
// takes the member out.
func event(t testing.TB, id string, changes ...string) []byte {
	t.Helper()
	data := map[string]json.RawMessage{
		"questionnaire": json.RawMessage(`"after-sales-10"`), "customer_id": json.RawMessage(`"c-7"`),
		"answers": json.RawMessage(`[{"item":"skill","score":8}]`),
	}
	quoted, _ := json.Marshal(id)
	members := map[string]json.RawMessage{
		"specversion": json.RawMessage(`"1.0"`), "id": quoted, "source": json.RawMessage(`"/crm"`),
		"type": json.RawMessage(`"rapport.survey.response.v1"`), "time": json.RawMessage(`"2026-03-02T11:00:00Z"`),
	}
	for _, c := range changes {
		name, value, _ := strings.Cut(c, "=")
		in := members
		if field, ok := strings.CutPrefix(name, "data."); ok {
			in, name = data, field
		}
		if in[name] = json.RawMessage(value); value == "" {
			delete(in, name)
		}
	}
	if _, changed := members["data"]; !changed {
		members["data"], _ = json.Marshal(data)
	}
	text, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func join(sep string, parts ...[]byte) []byte { return bytes.Join(parts, []byte(sep)) }

func array(parts ...[]byte) []byte { return []byte("[" + string(join(",", parts...)) + "]") }
