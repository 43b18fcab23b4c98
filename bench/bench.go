package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/bench/report"
	"github.com/rapport-project/rapport/internal/app"
	"github.com/rapport-project/rapport/internal/kafka"
)

// bench is one run of the benchmark: its brokers with their events, and what it has started.
type bench struct {
	// broker is the one that the contender at hand works on.
	*broker
	o       options
	topics  []kafka.TopicSpec // of rapport
	library string
	log     zerolog.Logger
	began   time.Time
	filled  map[string]*broker // by the name of their feed

	mu       sync.Mutex
	children map[int]kind // by process
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
	b := &bench{o: o, log: zerolog.Nop(), began: time.Now(), filled: map[string]*broker{}, library: os.Getenv(app.Prefix + "LIBCHDB")}
	if o.verbose {
		b.log = zerolog.New(zerolog.ConsoleWriter{Out: os.Stderr, TimeFormat: time.TimeOnly}).With().Timestamp().Logger().Level(zerolog.InfoLevel)
	}
	settings, err := app.Load(os.Environ())
	if err != nil {
		return err
	}
	b.topics = settings.Topics()
	if err := errors.Join(os.RemoveAll(o.dir), os.MkdirAll(o.dir, 0o750)); err != nil {
		return err
	}
	defer func() {
		for _, k := range b.filled {
			err = errors.Join(err, k.close())
		}
		err = errors.Join(err, os.RemoveAll(o.dir))
	}()
	if err := b.fill(ctx, chosen); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	runs, err := b.rounds(ctx, chosen)
	if err != nil {
		return err
	}
	return b.tell(runs, chosen)
}

// partitions is how many each topic has.
func (b *bench) partitions() int { return b.topics[0].Partitions }

// fill starts a broker for each feed that is needed, and publishes it.
func (b *bench) fill(ctx context.Context, chosen []contender) error {
	for _, c := range chosen {
		if c.on == nil || b.filled[c.on.name] != nil {
			continue
		}
		k, err := b.newBroker(ctx, c.on.name)
		if err != nil {
			return err
		}
		b.filled[c.on.name] = k
		f := c.on.of(b.o.events)
		b.say("publishing %d events (%s) on %d partitions", f.Len, c.on.name, b.partitions())
		bytes, err := publish(ctx, k.kafka, f, func(done int) {
			if done%(50*chunkEvents) == 0 {
				b.say("published %d", done)
			}
		})
		if err != nil {
			return err
		}
		k.feed, k.eventBytes = f, int(bytes)/f.Len
		b.say("published %d events, %d bytes each on average", f.Len, k.eventBytes)
	}
	return nil
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
			c := chosen[(round+i)%len(chosen)]
			if c.rounds > 0 && round >= c.rounds {
				continue
			}
			if err := b.once(ctx, c, round, runs); err != nil {
				return nil, fmt.Errorf("%s, round %d: %w", c.name, round+1, err)
			}
		}
		longest = max(longest, time.Since(begun))
	}
	return runs, nil
}

func (b *bench) once(ctx context.Context, c contender, round int, runs map[string][]report.Run) (err error) {
	runtime.GC() // what the contender before left behind is not this one's to clear away
	ctx, cancel := context.WithTimeout(ctx, b.o.patience)
	defer cancel()
	if c.on != nil {
		b.broker = b.filled[c.on.name]
	} else {
		if b.broker, err = b.newBroker(ctx, "own"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, b.close()) }()
	}
	results, err := c.run(ctx, b, round)
	if err != nil {
		return err
	}
	for i, name := range c.gives {
		run := b.runOf(results[i])
		runs[name] = append(runs[name], run)
		b.say("round %d of %d: %s", round+1, b.o.rounds, report.Line(name, run))
	}
	return nil
}

// runOf is what a result took, for the report.
func (b *bench) runOf(t took) report.Run {
	run := report.Run{Events: t.events, EventBytes: t.eventBytes, RSS: t.peaks.rapport, DatabaseRSS: t.peaks.database, Values: t.values}
	if run.Events == 0 {
		run.Events, run.EventBytes = b.feed.Len, b.eventBytes
	}
	if t.elapsed > 0 {
		n := float64(run.Events)
		run.EventsPerS = n / t.elapsed.Seconds()
		run.CPUSeconds = t.spent.sum().Seconds() / n * 1e6
		run.DatabaseCPUSeconds = t.spent.database.Seconds() / n * 1e6
	}
	return run
}

// tell prints the table, and writes the results where that was asked for.
func (b *bench) tell(runs map[string][]report.Run, chosen []contender) error {
	var rows []report.Row
	for _, c := range chosen {
		for _, name := range c.gives {
			rows = append(rows, report.Row{Name: name, Against: c.against})
		}
	}
	machine := fmt.Sprintf("%d cores, %s/%s, %s", runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version())
	results := report.Summarize(rows, runs, machine)
	fmt.Print(report.Table(results))
	if b.o.out == "" {
		return nil
	}
	if err := report.Write(b.o.out, results); err != nil {
		return err
	}
	if b.o.page != "" {
		if err := report.RenewPage(b.o.page, results); err != nil {
			return err
		}
	}
	if b.o.capacity == "" {
		return nil
	}
	return report.RenewCapacity(b.o.capacity, results)
}

// say tells how far the run is.
func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "%s %6.1fs %s\n", time.Now().Format(time.TimeOnly), time.Since(b.began).Seconds(), fmt.Sprintf(format, args...))
}
