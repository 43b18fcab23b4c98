package pipeline

import (
	"context"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/sinks"
)

// attemptsInSlot are failures after which a slot is given to others for once: what seems to be the trouble of all may be that of one partition.
const attemptsInSlot = 5

// persist repeats a step until it succeeds or ctx ends: the partition is held meanwhile, which is how pressure reaches Kafka. A slot is held too, since what
// is away is mostly away for all, but not for ever, nor by what time alone does not cure.
func (p *Pipeline) persist(ctx context.Context, c Claim, s *slot, step string, do func(context.Context) error) error {
	policy := backoff.NewExponentialBackOff()
	policy.InitialInterval = p.o.Config.RetryMin
	policy.MaxInterval = p.o.Config.RetryMax
	attempts := 0
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		if step == stepMarks && s.small {
			s.free() // others may write while this one waits for the broker, as it does for the commit
		} else if err := s.take(ctx); err != nil {
			return struct{}{}, backoff.Permanent(err)
		}
		attempt, cancel := context.WithTimeout(ctx, p.o.Config.StepTimeout)
		defer cancel()
		err := do(attempt)
		if err != nil && ctx.Err() != nil {
			return struct{}{}, backoff.Permanent(err)
		}
		return struct{}{}, err
	}, backoff.WithBackOff(policy), backoff.WithMaxElapsedTime(0), backoff.WithNotify(func(err error, wait time.Duration) {
		p.metrics.retries.WithLabelValues(p.o.Name, step).Inc()
		level := severity(step, err)
		if attempts++; level == zerolog.ErrorLevel || attempts%attemptsInSlot == 0 {
			s.free()
		}
		p.log.WithLevel(level).Err(err).Str("step", step).Str("topic", c.Topic()).Int("partition", c.Partition()).Dur("retry_in", wait).Msg("holding the partition")
	}))
	if err != nil {
		return fmt.Errorf("%s for %s/%d: %w", step, c.Topic(), c.Partition(), err)
	}
	return nil
}

// severity of a failed step: what time alone does not cure, such as a full disk or a missing grant, is for people to see.
func severity(step string, err error) zerolog.Level {
	if step == stepFacts && !sinks.Transient(err) {
		return zerolog.ErrorLevel
	}
	return zerolog.WarnLevel
}
