package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/rs/zerolog"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/rapport-project/rapport/internal/app"
	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
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

// runLive publishes at a steady rate and takes the time until each event is a fact that can be queried, and until the rolling figures of its tenant count it. It has
// a broker of its own, as its events are in nobody else's topic.
func runLive(ctx context.Context, b *bench, _ int) (out []took, err error) {
	o, err := b.liveOptions()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), o.seconds+o.warm+3*time.Minute)
	defer cancel()
	dir := filepath.Join(b.o.dir, "live")
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	addr, pid, stop, err := startBroker(dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	l := &bench{o: b.o, library: b.library, log: b.log, began: b.began, broker: pid, kafka: kafka.Config{Brokers: []string{addr}, ClientID: "bench"}}
	l.o.dir = dir
	client, err := kgo.NewClient(kgo.SeedBrokers(addr))
	if err != nil {
		return nil, err
	}
	defer client.Close()
	l.admin = kadm.NewClient(client)
	c, err := l.config()
	if err != nil {
		return nil, err
	}
	l.partitions = c.Partitions
	if err := kafka.NewAdmin(l.kafka).EnsureTopics(ctx, c.Topics()); err != nil {
		return nil, err
	}
	err = l.withDatabase(ctx, func(ctx context.Context, db database) error {
		product, err := l.startProduct(ctx, db)
		if err != nil {
			return err
		}
		watch, err := l.assigned(ctx, app.GroupEvents, schemas.TopicSurveyResponses)
		if err == nil {
			var run *liveRun
			if run, err = l.live(ctx, db, o, product.pid); err == nil {
				t := watch.take()
				t.events = run.sent.total()
				out = []took{t}
				run.tell(l.say)
			}
		}
		return errors.Join(err, product.end())
	})
	return out, err
}

// live publishes, looks and returns once everything is counted.
func (b *bench) live(ctx context.Context, db database, o liveOptions, product int) (*liveRun, error) {
	load, err := newLoad(o)
	if err != nil {
		return nil, err
	}
	p := kafka.NewProducer(b.kafka, kafka.ProducerOptions{Log: zerolog.Nop(), BatchMessages: 5000})
	defer func() { _ = p.Close() }()
	run := &liveRun{o: o, processes: processes{product: product, broker: b.broker}}
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
	err = until(patience, poll, func() (bool, error) { return run.counted(), nil })
	if err != nil {
		b.say("live: not all events were counted within two minutes")
	}
	endWatch()
	return run, <-ended
}

// own are the settings of -set that begin with a prefix, which are this benchmark's and not rapport's.
func (b *bench) own(prefix string) map[string]string {
	out := map[string]string{}
	for _, s := range b.o.settings {
		if name, value, ok := strings.Cut(s, "="); ok && strings.HasPrefix(name, prefix) {
			out[strings.TrimPrefix(name, prefix)] = value
		}
	}
	return out
}
