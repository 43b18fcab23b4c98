package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/internal/app"
	"github.com/rapport-project/rapport/internal/kafka"
)

// liveTenant is whose events are published.
const liveTenant = "default"

// liveOptions are how events come; -set live_NAME=value changes them.
type liveOptions struct {
	// rate is events a second, for so long after a warm-up.
	rate          int
	seconds, warm time.Duration
	// age is how long before its publishing an event happened. Windows end on whole minutes, so that one of a minute is to be counted at once and one that
	// has just happened from the end of its minute on.
	age time.Duration
}

func (b *bench) liveOptions() (liveOptions, error) {
	o := liveOptions{rate: 20_000, seconds: time.Minute, warm: 10 * time.Second, age: time.Minute}
	if b.o.events >= 5_000_000 {
		o.seconds = 5 * time.Minute
	}
	set := b.own("live_")
	for name, into := range map[string]*time.Duration{"seconds": &o.seconds, "warm": &o.warm, "age": &o.age} {
		if v, ok := set[name]; ok {
			d, err := time.ParseDuration(v)
			if err != nil {
				return o, fmt.Errorf("live_%s: %w", name, err)
			}
			*into = d
		}
	}
	if v, ok := set["rate"]; ok {
		n, err := strconv.Atoi(v)
		if err != nil {
			return o, fmt.Errorf("live_rate: %w", err)
		}
		o.rate = n
	}
	return o, nil
}

// runLive publishes at a steady rate and takes the time until each event is a fact that can be queried, and until the rolling figures of its tenant count it.
func runLive(ctx context.Context, b *bench, _ int) (out []took, err error) {
	o, err := b.liveOptions()
	if err != nil {
		return nil, err
	}
	err = b.withDatabase(ctx, func(ctx context.Context, db database) error {
		p, err := b.startRapport(db)
		if err != nil {
			return err
		}
		watch, err := b.joined(ctx, app.GroupEvents)
		if err == nil {
			var run *liveRun
			if run, err = b.live(ctx, db, o); err == nil {
				t := watch.take()
				b.say("live: of a processor %.2f rapport, %.2f ClickHouse, %.2f what publishes and looks", perSecond(t.spent.rapport, t), perSecond(t.spent.database, t), perSecond(t.spent.harness, t))
				t.elapsed = 0 // the rate is given, not found
				t.events, t.eventBytes = run.sent.total(), run.eventBytes
				t.values = run.values(b.say)
				out = []took{t}
			}
		}
		return errors.Join(err, p.stop())
	})
	return out, err
}

// live publishes, looks and returns once everything is counted.
func (b *bench) live(ctx context.Context, db database, o liveOptions) (*liveRun, error) {
	load := &load{}
	p := kafka.NewProducer(b.kafka, kafka.ProducerOptions{Log: zerolog.Nop(), BatchMessages: 5000})
	defer func() { _ = p.Close() }()
	run := &liveRun{o: o, arrivals: arrivals{}}
	watched, endWatch := context.WithCancel(ctx)
	defer endWatch()
	ended := make(chan error, 1)
	go func() { ended <- run.watch(watched, db) }()
	warm := o
	warm.seconds = o.warm
	if err := load.publish(ctx, p, warm, &run.sent); err != nil {
		return nil, err
	}
	run.begin()
	b.say("live: warmed up with %d events", run.sent.total())
	if err := load.publish(ctx, p, o, &run.sent); err != nil {
		return nil, err
	}
	run.end()
	b.say("live: published %d events", run.sent.total())
	patience, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	if err := until(patience, poll, func() (bool, error) { return run.counted(), nil }); err != nil {
		b.say("live: not all events were counted within two minutes")
	}
	run.eventBytes = load.bytes / load.serial
	endWatch()
	return run, <-ended
}

func perSecond(spent time.Duration, t took) float64 { return spent.Seconds() / t.elapsed.Seconds() }
