package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/cenkalti/backoff/v5"
	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/store"
)

// System is a rapport whose events are processed and rolled up, for commands that work on data.
type System struct {
	// Own says that it was started for this command and stops with it; else it is the running one.
	Own bool
	// Config is where it is.
	Config Config
	parts  *parts
}

// WithSystem runs f on the running rapport at the configured addresses. Where the engines are the embedded ones and no `rapport up` runs
// them, it starts them, with the roles that process and roll, for as long as f takes. Engines of one's own are expected to be
// served by roles of one's own.
func WithSystem(ctx context.Context, c Config, log zerolog.Logger, childCommand []string, f func(context.Context, *System) error) (err error) {
	defer func() { err = c.advised(err) }()
	p := newParts(New(c, log, Options{}), nil)
	defer p.close()
	if c.running(ctx) {
		return f(ctx, &System{Config: c, parts: p})
	}
	c.HTTPAddr = "127.0.0.1:0" // nobody is to send to a process that ends by itself
	a := New(c, log, Options{Roles: []Role{Process, Roll}, Embed: true, Prepare: true, ChildCommand: childCommand})
	// The parts in hand outlive ctx, so that work that is told to stop can say so before the engines do.
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	working, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- a.Run(running); cancel() }()
	select {
	case <-a.Started():
	case err := <-ended:
		return err
	case <-ctx.Done():
		stop()
		return errors.Join(ctx.Err(), <-ended)
	}
	err = f(working, &System{Own: true, Config: c, parts: p})
	stop()
	return errors.Join(err, <-ended)
}

// advised adds to an error that ClickHouse cannot be reached where to look.
func (c Config) advised(err error) error {
	away, ok := store.Away(err, c.clickhouse().DSN)
	if !ok {
		return err
	}
	if c.EmbeddedClickHouse() {
		return fmt.Errorf("%w\nthe embedded ClickHouse is away: does `rapport up` still run?", away)
	}
	return fmt.Errorf("%w\ncheck RAPPORT_CLICKHOUSE_DSN", away)
}

// WithStored is WithSystem for commands that work on what is there: where no rapport runs and the embedded engines never kept anything in the data
// folder, that is an error and no folder is made, since it is more likely the wrong one than an empty one.
func WithStored(ctx context.Context, c Config, log zerolog.Logger, childCommand []string, f func(context.Context, *System) error) error {
	if !c.running(ctx) {
		if err := c.hasData(); err != nil {
			return err
		}
	}
	return WithSystem(ctx, c, log, childCommand, f)
}

// hasData says that each embedded engine has its folder in the data folder.
func (c Config) hasData() error {
	for name, embedded := range map[string]bool{"kafka": c.EmbeddedKafka(), "clickhouse": c.EmbeddedClickHouse()} {
		if !embedded {
			continue
		}
		if _, err := os.Stat(filepath.Join(c.DataDir, name)); errors.Is(err, fs.ErrNotExist) {
			at, err := filepath.Abs(c.DataDir)
			return errors.Join(fmt.Errorf("no data at %s: is RAPPORT_DATA_DIR right? No rapport runs at the configured addresses either", at), err)
		} else if err != nil {
			return fmt.Errorf("RAPPORT_DATA_DIR: %w", err)
		}
	}
	return nil
}

// Conn is the database; it is closed with the system.
func (s *System) Conn() (driver.Conn, error) { return s.parts.database() }

// publishPatience is how long a broker that is away is waited for.
const publishPatience = time.Minute

// Publish returns nil once every message is acknowledged. After an error any of them may have been.
func (s *System) Publish(ctx context.Context, msgs []kafka.Message) error {
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		err := s.parts.publisher().Publish(ctx, msgs...)
		if large := (*kafka.TooLargeError)(nil); errors.As(err, &large) {
			err = backoff.Permanent(err)
		}
		return struct{}{}, err
	}, backoff.WithMaxElapsedTime(publishPatience))
	return err
}

// stall is how long a group may stand still before nobody is believed to work it off.
const stall = time.Minute

// Settled waits until what the topics held when it was called is in the views: facts stored, refusals kept, figures rolled up. It
// fails when a group makes no progress for a minute.
func (s *System) Settled(ctx context.Context, topics []string) error {
	return s.SettledAsOf(ctx, topics, time.Time{})
}

// SettledAsOf is Settled for those records of the topics alone that are stamped before an instant; the zero instant leaves none out.
func (s *System) SettledAsOf(ctx context.Context, topics []string, at time.Time) error {
	for _, topic := range topics {
		ends, err := s.ends(ctx, topic, at)
		if err != nil {
			return err
		}
		if err := s.reached(ctx, GroupEvents, topic, ends); err != nil {
			return err
		}
	}
	for _, stage := range []struct {
		group  string
		topics []string
	}{
		{GroupDeadLetters, []string{schemas.TopicDeadLetters}},
		// Twice: a case that was reopened marks chains on the same topic.
		{GroupOutcomes, []string{schemas.TopicStaleEntities}},
		{GroupOutcomes, []string{schemas.TopicStaleEntities}},
		{GroupRollups, []string{schemas.TopicStaleDays}},
	} {
		for _, topic := range stage.topics {
			if err := s.workedOff(ctx, stage.group, topic); err != nil {
				return err
			}
		}
	}
	return nil
}

// workedOff waits until a group has committed what a topic holds now; more may come in the meantime.
func (s *System) workedOff(ctx context.Context, group, topic string) error {
	ends, err := s.ends(ctx, topic, time.Time{})
	if err != nil {
		return err
	}
	return s.reached(ctx, group, topic, ends)
}

// ends are what the partitions of a topic hold, up to the first record stamped at or after an instant; up to their ends for the zero instant.
func (s *System) ends(ctx context.Context, topic string, at time.Time) (map[int]kafka.OffsetRange, error) {
	held, err := s.parts.admin().Offsets(ctx, topic)
	if err != nil || at.IsZero() {
		return held, err
	}
	then, err := s.parts.admin().OffsetsAt(ctx, topic, at)
	for p, r := range held {
		held[p] = kafka.OffsetRange{First: r.First, End: min(r.End, then[p])}
	}
	return held, err
}

// reached waits until a group has committed what ends names of a topic.
func (s *System) reached(ctx context.Context, group, topic string, ends map[int]kafka.OffsetRange) error {
	admin := s.parts.admin()
	var behind, before int64 = 0, -1
	moved := time.Now()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		committed, err := admin.Committed(ctx, group, []string{topic})
		if err == nil {
			behind = 0
			for partition, held := range ends {
				// What a group has never committed it begins at the first offset there is.
				behind += max(0, held.End-max(committed[topic][partition], held.First))
			}
			if behind == 0 {
				return nil
			}
		}
		if behind != before {
			before, moved = behind, time.Now()
		}
		if time.Since(moved) > stall {
			return errors.Join(err, fmt.Errorf("%s has not moved for %s with %d records of %s to go: does `rapport up`, or do the roles process and roll, run?", group, stall, behind, topic))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}
