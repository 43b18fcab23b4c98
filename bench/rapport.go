package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/pprof"
	"strings"

	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/bench/report"
	"github.com/rapport-project/rapport/internal/app"
	"github.com/rapport-project/rapport/schemas"
)

// rapportCommand as first argument makes this binary rapport, with the roles and the file for its profile that follow. It is a process of its
// own so that its memory and its processor time are its own.
const rapportCommand = "rapport"

// serveRapport runs roles with the settings of the environment, as `rapport` does, until the parent lets go of the standard input; it
// tells the address of its HTTP interface once all of them run.
func serveRapport(ctx context.Context, roles, profile string, in io.Reader, out io.Writer) error {
	ctx, stop := untilEOF(ctx, in)
	defer stop()
	c, err := app.Load(os.Environ())
	if err != nil {
		return err
	}
	level, err := zerolog.ParseLevel(c.Log.Level)
	if err != nil {
		return err
	}
	var o app.Options // topics and schema are there
	for r := range strings.SplitSeq(roles, ",") {
		o.Roles = append(o.Roles, app.Role(r))
	}
	if profile != "" {
		f, err := os.Create(profile) //nolint:gosec // the user's own file
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	a := app.New(c, zerolog.New(os.Stderr).Level(level).With().Timestamp().Logger(), o)
	go func() {
		select {
		case <-a.Started():
			_, _ = fmt.Fprintln(out, a.Addr())
		case <-ctx.Done():
		}
	}()
	return a.Run(ctx)
}

// startRapport starts a process of rapport with the settings a user finds, on the broker in use and a database; without roles, process and roll.
// It does not wait until it is up.
func (b *bench) startRapport(db database, roles ...app.Role) (process, error) {
	if len(roles) == 0 {
		roles = []app.Role{app.Process, app.Roll}
	}
	level := "error"
	if b.o.verbose {
		level = "info"
	}
	environ := b.environ("HTTP_ADDR=127.0.0.1:0", "CLICKHOUSE_DSN="+db.dsn, "LOG_LEVEL="+level)
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = string(r)
	}
	p, err := start(environ, rapportCommand, strings.Join(names, ","), b.o.cpuProfile)
	if err == nil {
		b.note(p.pid, isRapport)
	}
	return p, err
}

// environ are rapport's settings: the defaults, but for where the engines are and what is given.
func (b *bench) environ(more ...string) []string {
	environ := []string{app.Prefix + "KAFKA_BROKERS=" + b.kafka.Brokers[0], app.Prefix + "DATA_DIR=" + b.o.dir}
	for _, s := range append(more, b.o.settings...) {
		if strings.ToUpper(s[:1]) == s[:1] { // those of a contender are not rapport's
			environ = append(environ, app.Prefix+s)
		}
	}
	return environ
}

// own are the settings of -set that are a contender's own, by what follows the prefix.
func (b *bench) own(prefix string) map[string]string {
	out := map[string]string{}
	for _, s := range b.o.settings {
		if name, value, ok := strings.Cut(s, "="); ok && strings.HasPrefix(name, prefix) {
			out[strings.TrimPrefix(name, prefix)] = value
		}
	}
	return out
}

const (
	facts = "rapport_store.survey_facts"
	// counted are the responses that stand in the rollups.
	counted = "SELECT toUInt64(sum(n + n_invalid)) FROM rapport.satisfaction_by_cut_daily WHERE cut = ''"
)

// runRapport runs the roles process and roll and takes two times: when every event is a fact and its offset committed, and when every day's figures stand on all of its facts.
func runRapport(ctx context.Context, b *bench, _ int) (out []took, err error) {
	if err := b.forget(ctx); err != nil {
		return nil, err
	}
	err = b.withDatabase(ctx, func(ctx context.Context, db database) error {
		p, err := b.startRapport(db)
		if err != nil {
			return err
		}
		watch, err := b.joined(ctx, app.GroupEvents)
		if err == nil {
			out, err = b.takeTimes(ctx, watch)
		}
		if err = errors.Join(err, p.stop()); err != nil {
			return err
		}
		return b.checkRapport(ctx, db)
	})
	return out, err
}

func (b *bench) takeTimes(ctx context.Context, watch stopwatch) ([]took, error) {
	if err := b.taken(ctx, app.GroupEvents); err != nil {
		return nil, fmt.Errorf("facts: %w", err)
	}
	stored := watch.take()
	b.say("facts stand after %.2fs, %.1f cores busy; waiting for the rollups", stored.elapsed.Seconds(), stored.spent.sum().Seconds()/stored.elapsed.Seconds())
	// Offsets are committed after the marks are on their topic: in this order nothing that is still to be computed is missed.
	if err := b.drained(ctx, b.feed.Topic); err != nil {
		return nil, fmt.Errorf("rollups: %w", err)
	}
	rolled := watch.take()
	rolled.values = []report.Value{{Name: report.AfterFacts, Unit: "s", Value: (rolled.elapsed - stored.elapsed).Seconds()}}
	// Nothing waits for dead letters, so they may come after what is timed; they are looked at with the rest.
	err := until(ctx, poll, func() (bool, error) {
		n, err := b.behind(ctx, app.GroupDeadLetters, schemas.TopicDeadLetters)
		return n == 0, err
	})
	return []took{stored, rolled}, err
}

// taken waits until a group has committed all of the feed, which rapport and the Kafka engine alike do once the rows are in. Rows cannot tell: where some are delivered
// again, as in a rebalance, there are enough of them before all are there.
func (b *bench) taken(ctx context.Context, group string) error {
	return until(ctx, poll, func() (bool, error) {
		n, err := b.behind(ctx, group, b.feed.Topic)
		return n == 0, err
	})
}

// checkRapport holds what is stored against what was published: a fast way to the wrong figures is no result.
func (b *bench) checkRapport(ctx context.Context, db database) error {
	if n, err := db.number(ctx, counted); err != nil || n != uint64(b.feed.Distinct) {
		return errors.Join(err, fmt.Errorf("rollups count %d responses of %d", n, b.feed.Distinct))
	}
	if err := b.checkLetters(ctx, db); err != nil {
		return err
	}
	return b.checkFacts(ctx, db, facts, b.feed.Distinct)
}

// drained waits until nothing is left to do for a topic of events: each group in the order in which work passes on.
func (b *bench) drained(ctx context.Context, events string) error {
	for _, in := range []struct{ group, topic string }{
		{app.GroupEvents, events}, {app.GroupOutcomes, schemas.TopicStaleEntities}, {app.GroupRollups, schemas.TopicStaleDays},
	} {
		err := until(ctx, poll, func() (bool, error) {
			n, err := b.behind(ctx, in.group, in.topic)
			return n == 0, err
		})
		if err != nil {
			return fmt.Errorf("%s: %w", in.group, err)
		}
	}
	return nil
}
