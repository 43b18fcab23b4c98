package faults

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/rapport-project/rapport/internal/auth"
	"github.com/rapport-project/rapport/internal/e2e"
	"github.com/rapport-project/rapport/internal/generator"
)

// way is how events are published; nil means that all of them are acknowledged.
type way func(ctx context.Context, events []generator.Event) error

// ledger remembers where acknowledged records are.
type ledger struct {
	mu     sync.Mutex
	events map[place]map[int64]generator.Event
}

func (l *ledger) note(r *kgo.Record, e generator.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.events == nil {
		l.events = map[place]map[int64]generator.Event{}
	}
	at := place{r.Topic, r.Partition}
	if l.events[at] == nil {
		l.events[at] = map[int64]generator.Event{}
	}
	l.events[at][r.Offset] = e
}

// each calls f with every record noted so far.
func (l *ledger) each(f func(at place, offset int64, e generator.Event)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for at, offsets := range l.events {
		for offset, e := range offsets {
			f(at, offset, e)
		}
	}
}

func (x *Trial) records(events []generator.Event) []*kgo.Record {
	records := make([]*kgo.Record, len(events))
	for i, e := range events {
		records[i] = e2e.Record(e)
		if x.plan.Alter != nil {
			x.plan.Alter(records[i])
		}
	}
	return records
}

// overKafka publishes as an app with a client of its own.
func (x *Trial) overKafka(client *kgo.Client) way {
	return func(ctx context.Context, events []generator.Event) error {
		records := x.records(events)
		if err := client.ProduceSync(ctx, records...).FirstErr(); err != nil {
			return err
		}
		for i, r := range records {
			x.placed.note(r, events[i])
		}
		return nil
	}
}

// inTransactions publishes each batch in a transaction of its own, with one between them that holds what abort gives and comes to nothing.
func (x *Trial) inTransactions(client *kgo.Client, abort func() []generator.Event) way {
	attempt := func(ctx context.Context, events []generator.Event, end kgo.TransactionEndTry) error {
		if err := client.BeginTransaction(); err != nil {
			return err
		}
		err := client.ProduceSync(ctx, x.records(events)...).FirstErr()
		if err != nil {
			end = kgo.TryAbort
		}
		return errors.Join(err, client.EndTransaction(ctx, end))
	}
	return func(ctx context.Context, events []generator.Event) error {
		if err := attempt(ctx, abort(), kgo.TryAbort); err != nil {
			return err
		}
		x.Injected()
		return attempt(ctx, events, kgo.TryCommit)
	}
}

// keyOf is the API key of a tenant.
func keyOf(tenant string) string { return "key-of-" + tenant }

// keysFile lets tenants publish over HTTP, and returns the setting that names it.
func (x *Trial) keysFile() string {
	text := "keys:\n"
	for _, tenant := range []string{auth.DefaultTenant, "kathmandu", "new-york"} {
		text += fmt.Sprintf("  - {id: %[1]s, tenant: %[1]s, sha256: %[2]s, scopes: [ingest]}\n", tenant, auth.Hash(keyOf(tenant)))
	}
	path := filepath.Join(x.t.TempDir(), "keys.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		x.t.Fatal(err)
	}
	return "API_KEYS_FILE=" + path
}

// overHTTP posts events to the members in turn, each tenant's under its key. Poison, which ingest would answer with a refusal, goes to Kafka.
func (x *Trial) overHTTP(kafka way) way {
	turn := 0
	return func(ctx context.Context, events []generator.Event) error {
		bodies := map[string]*bytes.Buffer{}
		counts := map[string]int{}
		var poison []generator.Event
		for _, e := range events {
			if e.Refused != "" {
				poison = append(poison, e)
				continue
			}
			if bodies[e.Tenant] == nil {
				bodies[e.Tenant] = &bytes.Buffer{}
			}
			bodies[e.Tenant].Write(e.JSON)
			bodies[e.Tenant].WriteByte('\n')
			counts[e.Tenant]++
		}
		if len(poison) > 0 {
			if err := kafka(ctx, poison); err != nil {
				return err
			}
		}
		for tenant, body := range bodies {
			turn++
			if err := post(ctx, x.Members[turn%len(x.Members)], tenant, counts[tenant], body.Bytes()); err != nil {
				return err
			}
		}
		return nil
	}
}

// post is an error unless all n events are answered with 202.
func post(ctx context.Context, m *e2e.System, tenant string, n int, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, m.HTTP+"/v1/events", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-ndjson")
	req.Header.Set("Authorization", "Bearer "+keyOf(tenant))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusAccepted || !bytes.Contains(text, fmt.Appendf(nil, `"accepted":%d`, n)) {
		return fmt.Errorf("%d %.300s", resp.StatusCode, text)
	}
	return nil
}
