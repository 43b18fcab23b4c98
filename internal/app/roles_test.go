package app_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
	"github.com/rapport-project/rapport/internal/app"
	"github.com/rapport-project/rapport/store"
)

// response is one survey response that every questionnaire rule accepts.
func response(id string) string {
	var answers []string
	for _, item := range []string{"timeliness", "skill", "attitude", "parts", "overall"} {
		answers = append(answers, fmt.Sprintf(`{"item":%q,"score":8}`, item))
	}
	return `{"specversion":"1.0","type":"rapport.survey.response.v1","source":"/apps/test","time":"2026-03-02T09:00:00Z","id":"` + id +
		`","data":{"questionnaire":"after-sales-10","customer_id":"c-1","attributes":{"region":"north"},"answers":[` + strings.Join(answers, ",") + `]}}`
}

// post publishes responses one a line.
func (p *process) post(events ...string) {
	p.t.Helper()
	resp, err := client.Post("http://"+p.Addr()+"/v1/events", "application/x-ndjson", strings.NewReader(strings.Join(events, "\n")))
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if body, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusAccepted {
		p.t.Fatalf("%d %s", resp.StatusCode, body)
	}
}

func (s site) conn(t *testing.T) driver.Conn {
	t.Helper()
	conn, err := store.Open(store.Config{DSN: "http://" + s.clickhouse})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// holds says whether a query comes to n, for eventually.
func holds(conn driver.Conn, n uint64, query string) func() error {
	return func() error {
		var got uint64
		if err := conn.QueryRow(context.Background(), query).Scan(&got); err != nil {
			return err
		}
		if got != n {
			return fmt.Errorf("%d, want %d", got, n)
		}
		return nil
	}
}

const rolledUp = "SELECT sum(n) FROM rapport.satisfaction_by_cut_daily WHERE cut = ''"

// TestOneRoleAProcess: engines in one process, each role in one of its own, and a response that passes through all of them.
func TestOneRoleAProcess(t *testing.T) {
	clickhousetest.RequireLibrary(t)
	s := newSite(t)
	engines := start(t, s.environ(), app.Options{Embed: true, Prepare: true})
	ingest := start(t, s.environ(), app.Options{Roles: []app.Role{app.Ingest}})
	processor := start(t, s.environ(), app.Options{Roles: []app.Role{app.Process}})
	roll := start(t, s.environ(), app.Options{Roles: []app.Role{app.Roll}})
	for _, p := range []*process{engines, ingest, processor, roll} {
		eventually(t, "ready", p.isReady)
	}
	ingest.post(response("r-1"), response("r-2"), response("r-1"))
	conn := s.conn(t)
	eventually(t, "rolled up", holds(conn, 2, rolledUp))

	// Every topic of events is read, and seen to be.
	complaint, err := os.ReadFile("../../schemas/examples/rapport.complaint.v1/minimal.json")
	if err != nil {
		t.Fatal(err)
	}
	ingest.post(strings.ReplaceAll(string(complaint), "\n", " "))
	eventually(t, "an outcome", holds(conn, 1, "SELECT count() FROM rapport_store.complaint_outcomes FINAL"))
	eventually(t, "seen to be done", holds(conn, 0, "SELECT pending FROM rapport.data_quality WHERE topic = 'rapport.complaints'"))
	eventually(t, "seen to be done", holds(conn, 0, "SELECT pending FROM rapport.data_quality WHERE topic = 'rapport.survey-responses'"))

	// A role that is away leaves its work for later.
	if err := processor.stop(); err != nil {
		t.Fatal(err)
	}
	ingest.post(response("r-3"))
	again := start(t, s.environ(), app.Options{Roles: []app.Role{app.Process}})
	eventually(t, "rolled up", holds(conn, 3, rolledUp))

	// The doctor sees a system that runs.
	well, wrong := findings(s.environ())
	if wrong != "" {
		t.Errorf("found wrong:\n%s", wrong)
	}
	contains(t, well, "Kafka answers", "all topics are there", "ClickHouse answers", "the schema is there")

	// Prepare can be run against engines that are up.
	c, err := app.Load(s.environ())
	if err != nil {
		t.Fatal(err)
	}
	err = app.WithEngines(context.Background(), c, zerolog.Nop(), nil, func(ctx context.Context, a *app.App) error { return a.Prepare(ctx) })
	if err != nil {
		t.Errorf("prepare: %v", err)
	}
	for _, p := range []*process{again, roll, ingest, engines} {
		if err := p.stop(); err != nil {
			t.Errorf("a clean stop came to %v", err)
		}
	}
}

func TestStopWhileStartingIsNoFailure(t *testing.T) {
	clickhousetest.RequireLibrary(t)
	c, err := app.Load(newSite(t).environ())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- app.New(c, zerolog.Nop(), app.Options{Embed: true, Prepare: true}).Run(ctx) }()
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestFailedPartEndsTheProcess(t *testing.T) {
	s := newSite(t)
	c, err := app.Load(s.environ("HTTP_ADDR=127.0.0.1:bad"))
	if err != nil {
		t.Fatal(err)
	}
	err = app.New(c, zerolog.Nop(), app.Options{Roles: []app.Role{app.Ingest}}).Run(context.Background())
	if err == nil || !strings.Contains(err.Error(), "RAPPORT_HTTP_ADDR") {
		t.Errorf("HTTP: %v", err)
	}
	if c, err = app.Load(s.environ("EMBEDDED_KAFKA_ADDR=127.0.0.1:bad")); err == nil {
		err = app.New(c, zerolog.Nop(), app.Options{Embed: true}).Run(context.Background())
	}
	if err == nil {
		t.Error("an engine that cannot start went unnoticed")
	}
	if c, err = app.Load(s.environ()); err == nil {
		err = app.New(c, zerolog.Nop(), app.Options{Roles: []app.Role{"dance"}}).Run(context.Background())
	}
	if err == nil || errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "dance") {
		t.Errorf("role: %v", err)
	}
}
