package app_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/embedded/clickhouse"
	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
	embeddedkafka "github.com/rapport-project/rapport/embedded/kafka"
	"github.com/rapport-project/rapport/internal/app"
)

// startKafka and startClickHouse run an engine of the site apart from any process and return what stops it.
func (s site) startKafka(t *testing.T) (stop func()) {
	t.Helper()
	b := embeddedkafka.New(embeddedkafka.Options{DataDir: filepath.Join(s.dir, "data", "kafka"), Addr: s.kafka, BrokerConfig: map[string]string{"message.max.bytes": "4194304"}})
	if err := b.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	stop = func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(stop)
	return stop
}

func (s site) startClickHouse(t *testing.T) (stop func()) {
	t.Helper()
	e := clickhouse.New(clickhouse.Options{Config: clickhouse.Config{Addr: s.clickhouse}, DataDir: filepath.Join(s.dir, "data", "clickhouse"), Log: zerolog.Nop()})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(stop)
	if err := e.Ready(ctx); err != nil {
		t.Fatal(err)
	}
	return stop
}

// TestReadyzNamesWhatIsAway takes the engines away from under the roles and gives them back.
func TestReadyzNamesWhatIsAway(t *testing.T) {
	clickhousetest.RequireLibrary(t)
	s := newSite(t)
	stopKafka, stopClickHouse := s.startKafka(t), s.startClickHouse(t)
	p := start(t, s.environ(), app.Options{Roles: []app.Role{app.Ingest, app.Process, app.Roll}, Prepare: true})
	eventually(t, "ready", p.isReady)
	p.post(response("r-1"))
	eventually(t, "rolled up", holds(s.conn(t), 1, rolledUp))

	stopKafka()
	eventually(t, "not ready for kafka", p.isNotReady("kafka"))
	s.startKafka(t)
	eventually(t, "ready again", p.isReady)

	// Facts cannot be written, so the events wait and their group gets stuck.
	stopClickHouse()
	p.post(response("r-2"))
	eventually(t, "not ready for the stuck group", p.isNotReady(app.GroupEvents))
	s.startClickHouse(t)
	eventually(t, "ready once more", p.isReady)
	eventually(t, "rolled up", holds(s.conn(t), 2, rolledUp))
	if err := p.stop(); err != nil {
		t.Fatalf("a clean stop came to %v", err)
	}
}
