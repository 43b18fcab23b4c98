package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/pprof"

	"github.com/rapport-project/rapport/internal/app"
	"github.com/rapport-project/rapport/schemas"
)

const (
	facts = "rapport_store.survey_facts"
	// counted are the responses that stand in the rollups.
	counted = "SELECT toUInt64(sum(n + n_invalid)) FROM rapport.satisfaction_by_cut_daily WHERE cut = ''"
)

// runRapport runs the roles as `rapport process` and `rapport roll` do, with the settings a user finds, and takes two times:
// when every fact can be queried, and when every day's figures stand on all of its facts.
func runRapport(ctx context.Context, b *bench, _ int) ([]took, error) {
	if err := b.forget(ctx); err != nil {
		return nil, err
	}
	var out []took
	err := b.withDatabase(ctx, func(ctx context.Context, db database) error {
		stop, err := b.startRapport(ctx, db)
		if err != nil {
			return err
		}
		watch, err := b.assigned(ctx, app.GroupEvents)
		if err == nil {
			out, err = b.takeTimes(ctx, db, watch)
		}
		if err = errors.Join(err, stop()); err != nil {
			return err
		}
		return b.checkRapport(ctx, db)
	})
	return out, err
}

// startRapport runs the roles until stop.
func (b *bench) startRapport(ctx context.Context, db database) (stop func() error, err error) {
	addr, err := freeAddr(ctx)
	if err != nil {
		return nil, err
	}
	c, err := b.config("HTTP_ADDR="+addr, "CLICKHOUSE_DSN="+db.dsn)
	if err != nil {
		return nil, err
	}
	a := app.New(c, b.log, app.Options{Roles: []app.Role{app.Process, app.Roll}, Prepare: true})
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	endProfile, err := b.profile()
	if err != nil {
		cancel()
		return nil, err
	}
	go func() { ended <- a.Run(ctx) }()
	return func() error {
		endProfile()
		cancel()
		return <-ended
	}, nil
}

func (b *bench) takeTimes(ctx context.Context, db database, watch stopwatch) ([]took, error) {
	if err := db.filled(ctx, facts, b.o.events); err != nil {
		return nil, fmt.Errorf("facts: %w", err)
	}
	stored := watch.take()
	b.say("facts stand after %.2fs, %.1f cores busy; waiting for the rollups", stored.elapsed.Seconds(), stored.cpu.Seconds()/stored.elapsed.Seconds())
	// Offsets are committed after the marks are on their topic: in this order nothing that is still to be computed is missed.
	for _, in := range []struct{ group, topic string }{{app.GroupEvents, schemas.TopicSurveyResponses}, {app.GroupRollups, schemas.TopicStaleDays}} {
		err := until(ctx, poll, func() (bool, error) {
			n, err := b.behind(ctx, in.group, in.topic)
			return n == 0, err
		})
		if err != nil {
			return nil, fmt.Errorf("rollups: %w", err)
		}
	}
	return []took{stored, watch.take()}, nil
}

// checkRapport holds what is stored against what was published: a fast way to the wrong figures is no result.
func (b *bench) checkRapport(ctx context.Context, db database) error {
	if n, err := db.number(ctx, counted); err != nil || n != uint64(b.o.events) {
		return errors.Join(err, fmt.Errorf("rollups count %d responses of %d", n, b.o.events))
	}
	return b.checkFacts(ctx, db, facts)
}

// profile records what this process does until end is called, if that was asked for.
func (b *bench) profile() (end func(), err error) {
	if b.o.cpuProfile == "" {
		return func() {}, nil
	}
	f, err := os.Create(b.o.cpuProfile)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() {
		pprof.StopCPUProfile()
		_ = f.Close()
	}, nil
}
