package app_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
	"github.com/rapport-project/rapport/internal/app"
)

// edited is a folder of settings with the shipped after-sales-10, edited.
func edited(t *testing.T, from, to string) string {
	t.Helper()
	text, err := os.ReadFile("../../questionnaires/shipped/after-sales-10.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), from) {
		t.Fatalf("the shipped file has no %q", from)
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "questionnaires"), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "questionnaires", "mine.yaml"), []byte(strings.Replace(string(text), from, to, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// ends is what a process that processes comes to, once it has ended by itself.
func ends(t *testing.T, environ []string) <-chan error {
	t.Helper()
	c, err := app.Load(environ)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	done := make(chan error, 1)
	go func() {
		err := app.New(c, zerolog.Nop(), app.Options{Roles: []app.Role{app.Process}}).Run(ctx)
		if ctx.Err() != nil {
			err = errors.New("it did not end by itself")
		}
		done <- err
	}()
	return done
}

// scoredBy holds when n responses are stored, all with one denominator of the index: shipped, or edited.
func scoredBy(conn driver.Conn, n uint64, den int64) func() error {
	return func() error {
		var rows uint64
		var low, high int64
		err := conn.QueryRow(context.Background(), "SELECT count(), min(index_den), max(index_den) FROM rapport_store.survey_facts FINAL").Scan(&rows, &low, &high)
		if err == nil && (rows != n || low != den || high != den) {
			err = fmt.Errorf("%d responses with denominators %d to %d, want %d with %d", rows, low, high, n, den)
		}
		return err
	}
}

// TestQuestionnaireEditedUnderItsVersion: before it is used that is fine, but for a process that still has the file as it was and may no
// longer commit what it scores; once used, a start with another file ends before any event is read.
func TestQuestionnaireEditedUnderItsVersion(t *testing.T) {
	clickhousetest.RequireLibrary(t)
	const editedDen, registrations = 7, "SELECT count() FROM rapport_store.questionnaires WHERE id = 'after-sales-10'"
	folder := edited(t, "weight: 20", "weight: 60")
	s := newSite(t)
	engines := start(t, s.environ(), app.Options{Embed: true, Prepare: true, Roles: []app.Role{app.Ingest}})
	conn := s.conn(t)

	old := ends(t, s.environ())
	engines.post(`{"specversion":"1.0","type":"rapport.survey.invitation.v1","source":"/apps/test","time":"2026-03-02T09:00:00Z","id":"i","data":{"invitation_id":"i","customer_id":"c-1"}}`)
	eventually(t, "consuming", holds(conn, 1, "SELECT count() FROM rapport.survey_invitations"))
	eventually(t, "registered", holds(conn, 1, registrations))
	changed := start(t, s.environ("CONFIG_DIR="+folder), app.Options{Roles: []app.Role{app.Process}})
	eventually(t, "registered", holds(conn, 2, registrations))
	if err := changed.stop(); err != nil {
		t.Fatal(err)
	}
	engines.post(response("r-1"))
	if err := <-old; err == nil || !strings.Contains(err.Error(), "registered by another process with another definition") {
		t.Fatalf("a process with the file as it was: %v", err)
	}
	changed = start(t, s.environ("CONFIG_DIR="+folder), app.Options{Roles: []app.Role{app.Process}})
	eventually(t, "scored anew", scoredBy(conn, 1, editedDen))
	if err := changed.stop(); err != nil {
		t.Fatal(err)
	}

	engines.post(response("r-2"))
	err := <-ends(t, s.environ())
	if err == nil || !strings.Contains(err.Error(), "questionnaire after-sales-10 version 1 is not what") || !strings.Contains(err.Error(), "a new version and a valid_from") {
		t.Errorf("another file of a used version: %v", err)
	}
	if err := scoredBy(conn, 1, editedDen)(); err != nil {
		t.Errorf("it read events: %v", err)
	}
	start(t, s.environ("CONFIG_DIR="+folder), app.Options{Roles: []app.Role{app.Process}})
	eventually(t, "scored", scoredBy(conn, 2, editedDen))
}

// TestProcessStartsWhileClickHouseIsAway: what it has to look up first waits, as the events do.
func TestProcessStartsWhileClickHouseIsAway(t *testing.T) {
	clickhousetest.RequireLibrary(t)
	s := newSite(t)
	s.startKafka(t)
	stopClickHouse := s.startClickHouse(t)
	if err := start(t, s.environ(), app.Options{Prepare: true}).stop(); err != nil {
		t.Fatal(err)
	}
	stopClickHouse()
	p := start(t, s.environ(), app.Options{Roles: []app.Role{app.Ingest, app.Process}})
	p.post(response("r-1"))
	eventually(t, "not ready for the group that waits", p.isNotReady(app.GroupEvents))
	s.startClickHouse(t)
	eventually(t, "scored", scoredBy(s.conn(t), 1, 1))
	eventually(t, "ready", p.isReady)
	eventually(t, "recorded as done", holds(s.conn(t), 0, "SELECT pending FROM rapport.data_quality WHERE topic = 'rapport.survey-responses' AND pending_as_of IS NOT NULL"))
}
