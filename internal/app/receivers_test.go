package app_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/rapport-project/rapport/alerts"
	"github.com/rapport-project/rapport/alerts/receivers"
	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
	"github.com/rapport-project/rapport/internal/app"
	"github.com/rapport-project/rapport/schemas"
)

// TestStoredAlertsAreSent: what is stored reaches the webhook, signed, and the topic, once each, whichever of two processes owns the tenant; a third that
// starts later sends nothing again.
func TestStoredAlertsAreSent(t *testing.T) {
	clickhousetest.RequireLibrary(t)
	type post struct{ key, signature, body string }
	posts := make(chan post, 100)
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		posts <- post{r.Header.Get("Idempotency-Key"), r.Header.Get(receivers.SignatureHeader), string(body)}
	}))
	defer hook.Close()
	s := newSite(t)
	environ := s.environ("ALERT_WEBHOOK_URL="+hook.URL, "ALERT_WEBHOOK_SECRET=s3cret", "ALERT_POLL=50ms", "PUBLIC_URL=https://rapport.example/")
	start(t, s.environ(), app.Options{Embed: true, Prepare: true})
	conn := s.conn(t)
	var running []*process
	for range 2 {
		running = append(running, start(t, environ, app.Options{Roles: []app.Role{app.Alert}}))
	}
	for _, p := range running {
		eventually(t, "both own tenants", p.owns(2))
	}
	// Receivers hear of the last hour.
	at := time.Now().UTC().Truncate(time.Minute)
	fire := func(tenant string) {
		t.Helper()
		transition := alerts.Transition{
			ID: "id-" + tenant, Tenant: tenant, Group: "g", Key: alerts.Key{Alert: "a"}, Change: alerts.Fired, At: at, FiredAt: at, Metric: "csat_top2", Window: "7d",
			Bound: alerts.Below, Threshold: 75, Explain: "/v1/explain?metric=csat_top2",
		}
		if err := alerts.NewStored(conn).Save(t.Context(), alerts.Evaluation{Tenant: tenant, Group: "g", State: alerts.State{At: at}, Transitions: []alerts.Transition{transition}}); err != nil {
			t.Fatal(err)
		}
	}
	tenants := []string{"acme", "beta", "gamma", "delta", "epsilon"}
	for _, tenant := range tenants {
		fire(tenant)
	}
	const noted = "SELECT count() FROM rapport_store.alert_deliveries FINAL WHERE outcome = 'sent' AND attempts = 1"
	eventually(t, "noted", holds(conn, uint64(2*len(tenants)), noted))
	for _, p := range running {
		if err := p.stop(); err != nil {
			t.Fatal(err)
		}
	}
	third := start(t, environ, app.Options{Roles: []app.Role{app.Alert}})
	eventually(t, "the third owns all tenants", third.owns(4))
	fire("later")
	tenants = append(tenants, "later")
	eventually(t, "the third has looked", holds(conn, uint64(2*len(tenants)), noted))
	if err := third.stop(); err != nil {
		t.Fatal(err)
	}
	keys := map[string]bool{}
	for range len(posts) {
		p := <-posts
		if keys[p.key] {
			t.Errorf("%s was posted twice", p.key)
		}
		keys[p.key] = true
		if err := receivers.Verify("s3cret", []byte(p.body), p.signature, time.Now(), patience); err != nil {
			t.Error(err)
		}
		if !strings.Contains(p.body, `"explain":"https://rapport.example/v1/explain?metric=csat_top2"`) {
			t.Errorf("no link: %s", p.body)
		}
	}
	kafka, err := kgo.NewClient(kgo.SeedBrokers(s.kafka), kgo.ConsumeTopics(schemas.TopicAlerts))
	if err != nil {
		t.Fatal(err)
	}
	defer kafka.Close()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	published := map[string]int{}
	for len(published) < len(tenants) {
		fetches := kafka.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatal(err)
		}
		fetches.EachRecord(func(r *kgo.Record) { published[string(r.Key)]++ })
	}
	for _, tenant := range tenants {
		if !keys["id-"+tenant+"-firing"] || published["id-"+tenant] != 1 {
			t.Errorf("%s: posted %t, published %d times", tenant, keys["id-"+tenant+"-firing"], published["id-"+tenant])
		}
	}
}

// owns says whether a process has so many of the shares of tenants, for eventually.
func (p *process) owns(shares int) func() error {
	return func() error {
		resp, err := client.Get("http://" + p.Addr() + "/metrics")
		if err != nil {
			return err
		}
		defer func() { _ = resp.Body.Close() }()
		text, err := io.ReadAll(resp.Body)
		if want := fmt.Sprintf("rapport_kafka_group_partitions{group=%q} %d\n", app.GroupAlerts, shares); err != nil || !strings.Contains(string(text), want) {
			return fmt.Errorf("not %s: %w", want, err)
		}
		return nil
	}
}
