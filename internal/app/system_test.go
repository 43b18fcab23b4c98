package app_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
	"github.com/rapport-project/rapport/internal/app"
	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
)

// TestWithSystem: a command gets a system of its own where none runs, the running one where one does, figures that stand, and nothing is left running.
func TestWithSystem(t *testing.T) {
	clickhousetest.RequireLibrary(t)
	s := newSite(t)
	c, err := app.Load(s.environ())
	if err != nil {
		t.Fatal(err)
	}
	publish := func(ctx context.Context, system *app.System, id string, want uint64) error {
		err := system.Publish(ctx, []kafka.Message{{Topic: schemas.TopicSurveyResponses, Key: []byte("c-1"), Value: []byte(response(id))}})
		if err == nil {
			// A topic of types that nobody processes is not waited for.
			err = system.Settled(ctx, []string{schemas.TopicSurveyResponses, schemas.TopicComplaints})
		}
		if err != nil {
			return err
		}
		conn, err := system.Conn()
		if err != nil {
			return err
		}
		return holds(conn, want, rolledUp)() // at once: it has settled
	}
	failed := errors.New("the command failed")
	err = app.WithSystem(t.Context(), c, zerolog.Nop(), nil, func(ctx context.Context, own *app.System) error {
		if !own.Own {
			t.Error("there was nothing to join")
		}
		if err := publish(ctx, own, "r-1", 1); err != nil {
			return fmt.Errorf("own: %w", err)
		}
		err := app.WithSystem(ctx, c, zerolog.Nop(), nil, func(ctx context.Context, joined *app.System) error {
			if joined.Own {
				t.Error("the running system was not joined")
			}
			return publish(ctx, joined, "r-2", 2)
		})
		if err != nil {
			return fmt.Errorf("joined: %w", err)
		}
		return failed
	})
	if !errors.Is(err, failed) {
		t.Errorf("%v, want the command's own error", err)
	}
	// What was there is there again, and a command that is told to stop says so.
	ctx, cancel := context.WithCancel(t.Context())
	err = app.WithSystem(ctx, c, zerolog.Nop(), nil, func(ctx context.Context, own *app.System) error {
		if err := publish(ctx, own, "r-2", 2); err != nil {
			return err
		}
		cancel()
		return publish(ctx, own, "r-3", 3)
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want what ended it", err)
	}
}
