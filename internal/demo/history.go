package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/schollz/progressbar/v3"

	"github.com/rapport-project/rapport/internal/app"
	"github.com/rapport-project/rapport/internal/generator"
	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/internal/oracle"
	"github.com/rapport-project/rapport/schemas"
)

// Shares of what goes wrong on the way in the demo.
const (
	duplicates = 0.10
	late       = 0.05
	// serviceShare of the stories are of contacts, cases and complaints, which have several events each.
	serviceShare = 0.1
)

// settleTimeout bounds every wait of the demo for the figures to stand.
const settleTimeout = 2 * time.Minute

// history publishes thirty days of events and shows how long it took until the figures stood, and that they are right.
func (s *story) history(ctx context.Context) error {
	now := time.Now().UTC()
	g, err := generator.New(generator.Config{Seed: s.Seed, From: now.AddDate(0, 0, -30), To: now.Add(-time.Hour), Service: serviceShare})
	if err != nil {
		return err
	}
	good := g.Events(s.Stories)
	good = beforeNow(good, now)
	var kinds []generator.Poison
	for _, k := range generator.PoisonKinds() {
		if !k.NoDefaultTenant {
			kinds = append(kinds, k)
		}
	}
	rng := generator.NewRand(s.Seed)
	bad := g.Poisons(now, kinds...)
	sent := generator.Mix(generator.Late(generator.Duplicate(good, duplicates, rng), late, rng), bad, rng)
	sent = generator.Binary(sent, 0.3, rng)
	s.say("\n2. Publishing 30 days of a company: %d records of %d events, with duplicates, revisions and retractions, late and bad ones", len(sent), len(good))

	begun := time.Now()
	if err := s.publish(ctx, sent); err != nil {
		return err
	}
	published := time.Since(begun)
	for _, topic := range []string{schemas.TopicSurveyResponses, schemas.TopicServiceEvents, schemas.TopicComplaints} {
		if err := s.drained(ctx, app.GroupEvents, topic); err != nil {
			return err
		}
	}
	stored := time.Since(begun)
	if err := s.drained(ctx, app.GroupOutcomes, schemas.TopicStaleEntities); err != nil {
		return err
	}
	if err := s.drained(ctx, app.GroupRollups, schemas.TopicStaleDays); err != nil {
		return err
	}
	rolled := time.Since(begun)
	rate := func(d time.Duration) float64 { return float64(len(sent)) / d.Seconds() }
	s.say("   published in %s (%.0f records/s); facts queryable after %s (%.0f/s); outcomes and daily figures stand after %s (%.0f/s)",
		published.Round(time.Millisecond), rate(published), stored.Round(time.Millisecond), rate(stored), rolled.Round(time.Millisecond), rate(rolled))
	return s.check(ctx, good)
}

// beforeNow leaves out what the simulation puts into the future.
func beforeNow(events []generator.Event, now time.Time) []generator.Event {
	var out []generator.Event
	for _, e := range events {
		if e.Time.Before(now) {
			out = append(out, e)
		}
	}
	return out
}

func (s *story) publish(ctx context.Context, events []generator.Event) error {
	out := io.Discard
	if s.Terminal {
		out = s.Out
	}
	bar := progressbar.NewOptions(len(events), progressbar.OptionSetWriter(out), progressbar.OptionSetDescription("   publishing"),
		progressbar.OptionShowIts(), progressbar.OptionSetItsString("records"), progressbar.OptionClearOnFinish())
	const chunk = 2000
	for len(events) > 0 {
		n := min(chunk, len(events))
		if err := s.producer.Publish(ctx, messages(events[:n])...); err != nil {
			return err
		}
		_ = bar.Add(n) // a bar that cannot be drawn is no reason to stop
		events = events[n:]
	}
	return bar.Finish()
}

func messages(events []generator.Event) []kafka.Message {
	out := make([]kafka.Message, len(events))
	for i, e := range events {
		out[i] = kafka.Message{Topic: e.Topic, Key: []byte(e.Key), Value: e.Value, Headers: e.Headers}
	}
	return out
}

// drained waits until a group has worked off its topic.
func (s *story) drained(ctx context.Context, group, topic string) error {
	return eventually(ctx, func() error {
		lags, err := s.admin.Lag(ctx, group, []string{topic})
		if err != nil {
			return err
		}
		for _, l := range lags {
			if l.Lag > 0 {
				return fmt.Errorf("%s waits for %d records of %s/%d", group, l.Lag, l.Topic, l.Partition)
			}
		}
		return nil
	})
}

// check holds the stored figures against a batch computation of its own in plain Go, to the bit.
func (s *story) check(ctx context.Context, good []generator.Event) error {
	want, err := oracle.Compute(generator.Accepted(good), oracle.Options{DefaultTenant: s.Config.DefaultTenant})
	if err != nil {
		return err
	}
	rows, outcomes := want.Rows(), want.Outcomes()
	err = eventually(ctx, func() error {
		held, err := oracle.LoadOutcomes(ctx, s.conn)
		if err != nil {
			return err
		}
		if ds := oracle.CompareOutcomes(held, outcomes); len(ds) > 0 {
			return errors.New(oracle.Report(ds))
		}
		got, err := oracle.Load(ctx, s.conn)
		if err != nil {
			return err
		}
		if ds := oracle.Compare(got, rows); len(ds) > 0 {
			return errors.New(oracle.Report(ds))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("the stored figures differ from a batch computation of the same events: %w", err)
	}
	s.say("   checked: %d rows of daily figures and %d outcomes equal, to the bit, a batch computation from the %d distinct events (%d revisions, %d conflicts, %d under two times or keys)",
		len(rows), len(outcomes), want.Counts.Identities, want.Counts.Revisions, want.Counts.Conflicts, want.Counts.TwoPlaces)
	return nil
}

func eventually(ctx context.Context, f func() error) error {
	policy := backoff.NewConstantBackOff(50 * time.Millisecond)
	_, err := backoff.Retry(ctx, func() (struct{}, error) { return struct{}{}, f() }, backoff.WithBackOff(policy), backoff.WithMaxElapsedTime(settleTimeout))
	return err
}
