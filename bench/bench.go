package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/rapport-project/rapport/bench/report"
	"github.com/rapport-project/rapport/internal/app"
	"github.com/rapport-project/rapport/internal/kafka"
)

// bench is one run of the benchmark: one broker with the events, and what was measured so far.
type bench struct {
	o          options
	kafka      kafka.Config
	admin      *kadm.Client
	partitions int
	broker     int // its process
	library    string
	log        zerolog.Logger
	began      time.Time

	mu     sync.Mutex
	digest uint64 // of what the first contender stored; the others must have stored the same
}

// benchmark is the command.
func benchmark(ctx context.Context, args []string) (err error) {
	o, err := parse(args, os.Stderr)
	if err != nil {
		return err
	}
	chosen, err := choose(o.only)
	if err != nil {
		return err
	}
	b := &bench{o: o, log: zerolog.Nop(), began: time.Now()}
	if o.verbose {
		b.log = zerolog.New(zerolog.ConsoleWriter{Out: os.Stderr, TimeFormat: time.TimeOnly}).With().Timestamp().Logger().Level(zerolog.InfoLevel)
	}
	if err := errors.Join(os.RemoveAll(o.dir), os.MkdirAll(o.dir, 0o750)); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(o.dir)) }()
	addr, pid, stop, err := startBroker(o.dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	b.broker = pid
	b.kafka = kafka.Config{Brokers: []string{addr}, ClientID: "bench"}
	client, err := kgo.NewClient(kgo.SeedBrokers(addr))
	if err != nil {
		return err
	}
	defer client.Close()
	b.admin = kadm.NewClient(client)
	bytes, err := b.fill(ctx)
	if err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	runs, err := b.rounds(ctx, chosen)
	if err != nil {
		return err
	}
	return b.tell(runs, chosen, int(bytes/int64(o.events)))
}

func choose(only string) ([]contender, error) {
	all := contenders()
	if only == "" {
		return all, nil
	}
	var names []string
	for _, c := range all {
		if c.name == only {
			return []contender{c}, nil
		}
		names = append(names, c.name)
	}
	return nil, fmt.Errorf("-only %s: want one of %s", only, strings.Join(names, ", "))
}

// config are rapport's settings: the defaults, whatever is in the environment.
func (b *bench) config(more ...string) (app.Config, error) {
	return app.Load(b.environ(more...))
}

func (b *bench) environ(more ...string) []string {
	environ := []string{app.Prefix + "KAFKA_BROKERS=" + b.kafka.Brokers[0], app.Prefix + "DATA_DIR=" + b.o.dir}
	for _, s := range append(more, b.o.settings...) {
		environ = append(environ, app.Prefix+s)
	}
	return environ
}

// fill makes the topics and publishes the events.
func (b *bench) fill(ctx context.Context) (bytes int64, err error) {
	c, err := b.config()
	if err != nil {
		return 0, err
	}
	b.partitions, b.library = c.Partitions, os.Getenv(app.Prefix+"LIBCHDB")
	if err := kafka.NewAdmin(b.kafka).EnsureTopics(ctx, c.Topics()); err != nil {
		return 0, err
	}
	b.say("publishing %d events on %d partitions", b.o.events, b.partitions)
	bytes, err = publish(ctx, b.kafka, b.o.events, func(done int) {
		if done%(10*chunkEvents) == 0 {
			b.say("published %d", done)
		}
	})
	if err == nil {
		b.say("published %d events, %d bytes each on average", b.o.events, bytes/int64(b.o.events))
	}
	return bytes, err
}

// rounds runs every contender once a round, in rotated order, and returns every result by round.
func (b *bench) rounds(ctx context.Context, chosen []contender) (map[string][]report.Run, error) {
	runs := map[string][]report.Run{}
	var longest time.Duration
	for round := range b.o.rounds {
		if left := b.o.within - time.Since(b.began); b.o.within > 0 && round > 0 && longest > left {
			b.say("stopping after %d of %d rounds: another one would take longer than the %s left", round, b.o.rounds, left.Round(time.Second))
			break
		}
		begun := time.Now()
		for i := range chosen {
			if err := b.once(ctx, chosen[(round+i)%len(chosen)], round, runs); err != nil {
				return nil, err
			}
		}
		longest = max(longest, time.Since(begun))
	}
	return runs, nil
}

func (b *bench) once(ctx context.Context, c contender, round int, runs map[string][]report.Run) error {
	runtime.GC() // what the contender before left behind is not this one's to clear away
	ctx, cancel := context.WithTimeout(ctx, b.o.patience)
	defer cancel()
	results, err := c.run(ctx, b, round)
	if err != nil {
		return fmt.Errorf("%s, round %d: %w", c.name, round+1, err)
	}
	for i, name := range c.gives {
		seconds, cpu := results[i].elapsed.Seconds(), results[i].cpu.Seconds()
		events := float64(results[i].events)
		if events == 0 {
			events = float64(b.o.events)
		}
		run := report.Run{EventsPerS: events / seconds, CPUSeconds: cpu / events * 1e6, Events: results[i].events}
		runs[name] = append(runs[name], run)
		b.say("round %d of %d: %-24s %7.2fs %9.0f events/s, %.1f cores busy", round+1, b.o.rounds, name, seconds, run.EventsPerS, cpu/seconds)
	}
	return nil
}

// tell prints the table, and writes the results where that was asked for.
func (b *bench) tell(runs map[string][]report.Run, chosen []contender, eventBytes int) error {
	var names []string
	for _, c := range chosen {
		names = append(names, c.gives...)
	}
	machine := fmt.Sprintf("%d cores, %s/%s, %s", runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version())
	results := report.Summarize(names, runs, report.Conditions{Events: b.o.events, EventBytes: eventBytes, Machine: machine})
	fmt.Print(report.Table(results))
	if b.o.out == "" {
		return nil
	}
	if err := report.Write(b.o.out, results); err != nil {
		return err
	}
	if b.o.page == "" {
		return nil
	}
	return report.RenewPage(b.o.page, results)
}

// say tells how far the run is.
func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "%s %6.1fs %s\n", time.Now().Format(time.TimeOnly), time.Since(b.began).Seconds(), fmt.Sprintf(format, args...))
}
