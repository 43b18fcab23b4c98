package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/rapport-project/rapport/bench/events"
	"github.com/rapport-project/rapport/bench/report"
	"github.com/rapport-project/rapport/internal/app"
)

const (
	// growthMost are the events added to a store at once; a small store gets half of what it holds.
	growthMost = 500_000
	// mergesFor is how long merges of what came in are waited for, and counted: the same on every store.
	mergesFor = 30 * time.Second
	// lateDays is how far back late events reach.
	lateDays = 30
)

// growth is what it takes to add events to a store of so many facts.
type growth struct {
	facts      int
	live, late took
}

// grow takes in events of now, in order, and then as many of the last thirty days in random order.
func (b *bench) grow(ctx context.Context, db database, facts int) (g growth, err error) {
	g.facts = facts
	n := min(growthMost, facts/2)
	now := time.Now().UTC().Truncate(time.Second)
	feeds := []func(i int) time.Time{
		func(i int) time.Time { return now.Add(time.Duration(i-n) * 10 * time.Microsecond) },
		func(i int) time.Time {
			return now.Add(-time.Duration(rand.New(rand.NewPCG(8, uint64(i))).Int64N(int64(lateDays * 24 * time.Hour))))
		},
	}
	for turn, at := range feeds {
		feed := events.Responses(turn*n, n, at)
		t, err := b.addTo(ctx, db, feed)
		if err != nil {
			return g, err
		}
		if turn == 0 {
			g.live = t
		} else {
			g.late = t
		}
	}
	return g, b.checkGrown(ctx, db, facts, 2*n)
}

// addTo publishes events while rapport is away and takes the time of its process role until they are facts; processor time until the merges are over.
func (b *bench) addTo(ctx context.Context, db database, feed events.Feed) (t took, err error) {
	b.feed = feed
	bytes, err := publish(ctx, b.kafka, feed, func(int) {})
	if err != nil {
		return t, err
	}
	b.eventBytes = int(bytes) / feed.Len
	p, err := b.startRapport(db, app.Process)
	if err != nil {
		return t, err
	}
	stopped := false
	defer func() {
		if !stopped {
			err = errors.Join(err, p.stop())
		}
	}()
	watch, err := b.joined(ctx, app.GroupEvents)
	if err != nil {
		return t, err
	}
	if err := b.taken(ctx, app.GroupEvents); err != nil {
		return t, err
	}
	t = watch.take()
	stopped = true
	if err := p.stop(); err != nil {
		return t, err
	}
	select {
	case <-time.After(mergesFor):
	case <-ctx.Done():
		return t, ctx.Err()
	}
	t.spent.database = b.used().since(watch.before).database
	t.events, t.eventBytes = feed.Len, b.eventBytes
	return t, nil
}

// checkGrown holds the store against what was added to it.
func (b *bench) checkGrown(ctx context.Context, db database, loaded, added int) error {
	n, err := db.number(ctx, "SELECT count() FROM "+facts+" FINAL WHERE id LIKE 'r-_________'")
	if err == nil && n != uint64(added) {
		err = fmt.Errorf("%d facts of %d events beside the %d that were there", n, added, loaded)
	}
	return err
}

// growthOf is what the sizes come to: costs per event of each, and how many times that of the smallest the largest costs, live or late, whichever is more.
func (b *bench) growthOf(all []growth) (t took) {
	last := all[len(all)-1]
	t.events, t.eventBytes = last.live.events, last.live.eventBytes
	worst := 0.0
	for _, turn := range []struct {
		name string
		of   func(growth) took
	}{{"live", func(g growth) took { return g.live }}, {"late", func(g growth) took { return g.late }}} {
		for _, g := range all {
			x, name := turn.of(g), turn.name+"_"+inWords(g.facts)
			t.values = append(t.values,
				report.Value{Name: name + "_rate", Unit: "1/s", Value: float64(x.events) / x.elapsed.Seconds()},
				report.Value{Name: name + "_go", Unit: "s per million", Value: perMillion(x, x.spent.rapport)},
				report.Value{Name: name + "_clickhouse", Unit: "s per million", Value: perMillion(x, x.spent.database)})
		}
		least, most := turn.of(all[0]), turn.of(last)
		worst = max(worst, perMillion(most, most.spent.rapport+most.spent.database)/perMillion(least, least.spent.rapport+least.spent.database))
	}
	t.values = append(t.values, report.Value{Name: b.told(report.Growth), Value: worst})
	return t
}

func perMillion(t took, spent time.Duration) float64 {
	return spent.Seconds() / float64(t.events) * 1e6
}

// inWords is a number of facts as part of a name.
func inWords(facts int) string {
	if facts < 1_000_000 {
		return fmt.Sprintf("%dk", facts/1000)
	}
	return fmt.Sprintf("%dm", facts/1_000_000)
}
