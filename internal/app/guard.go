package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/cenkalti/backoff/v5"
	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/pipeline"
	"github.com/rapport-project/rapport/questionnaires"
	"github.com/rapport-project/rapport/sinks"
	"github.com/rapport-project/rapport/store"
)

// guard keeps a version of a questionnaire from scoring in two ways: nothing is consumed before this process's definitions are
// registered, and nothing is committed once another process has registered different ones.
type guard struct {
	sinks.Sink
	registry   *store.Questionnaires
	c          pipeline.Config
	log        zerolog.Logger
	registered chan struct{} // closed once they are
	changed    chan error    // what Write found out
}

func newGuard(defs *Definitions, conn driver.Conn, sink sinks.Sink, c pipeline.Config, log zerolog.Logger) *guard {
	var own []store.Definition
	catalog := defs.Processors.Questionnaires
	for _, id := range catalog.IDs() {
		for _, v := range catalog.Versions(id) {
			own = append(own, store.Definition{ID: v.ID, Version: v.Version, Fingerprint: v.Fingerprint(), Text: v.Definition(), Details: details(v)})
		}
	}
	return &guard{
		Sink: sink, registry: store.NewQuestionnaires(conn, own), c: c, log: log,
		registered: make(chan struct{}), changed: make(chan error, 1),
	}
}

func details(v *questionnaires.Version) store.Details {
	d := store.Details{ValidFrom: v.ValidFrom, TitleEn: v.Title.En, TitleZh: v.Title.Zh, SatisfiedThreshold: v.SatisfiedThreshold.String()}
	for _, dim := range v.Dimensions {
		d.Dimensions = append(d.Dimensions, store.DimensionDetails{ID: dim.ID, TitleEn: dim.Title.En, TitleZh: dim.Title.Zh, Weight: dim.Weight})
	}
	return d
}

// run registers the definitions, for as long as that takes, and ends with an error when one of them must not be scored by.
func (g *guard) run(ctx context.Context) error {
	policy := backoff.NewExponentialBackOff()
	policy.InitialInterval, policy.MaxInterval = g.c.RetryMin, g.c.RetryMax
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		attempt, cancel := context.WithTimeout(ctx, g.c.StepTimeout)
		defer cancel()
		err := g.registry.Register(attempt)
		if err == nil {
			err = g.registry.Tell(attempt)
		}
		if changed := (*store.ChangedDefinitionError)(nil); errors.As(err, &changed) {
			err = backoff.Permanent(err)
		}
		return struct{}{}, err
	}, backoff.WithBackOff(policy), backoff.WithMaxElapsedTime(0), backoff.WithNotify(func(err error, wait time.Duration) {
		g.log.Warn().Err(err).Dur("retry_in", wait).Msg("no event is read before the questionnaires are registered")
	}))
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return fmt.Errorf("questionnaires: %w", err)
	}
	close(g.registered)
	select {
	case err := <-g.changed:
		return fmt.Errorf("questionnaires: %w", err)
	case <-ctx.Done():
		return nil
	}
}

// before runs a loop once the definitions are registered.
func (g *guard) before(loop func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		select {
		case <-g.registered:
			return loop(ctx)
		case <-ctx.Done():
			return nil
		}
	}
}

// Write implements sinks.Sink. Responses count as durable only while the definitions are still those registered: else their
// offsets stay where they are, and they are scored anew under the same keys by whoever reads them next.
func (g *guard) Write(ctx context.Context, b sinks.Batch) error {
	if err := g.Sink.Write(ctx, b); err != nil || len(b.Responses)+b.ResponseBlock.Len() == 0 {
		return err
	}
	err := g.registry.Verify(ctx)
	if changed := (*store.ChangedDefinitionError)(nil); errors.As(err, &changed) {
		select {
		case g.changed <- err:
		default:
		}
	}
	return err
}
