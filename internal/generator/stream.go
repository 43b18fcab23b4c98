package generator

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Live says how a live stream runs.
type Live struct {
	// Rate is stories a second; a story is a response with what belongs to it, a little more than one event.
	Rate float64
	// Tick is how often events are handed over; default 100 ms.
	Tick time.Duration
	// Duplicates, Late and Bad are shares, 0..1, of events sent twice, of responses about the days before, and of bad records
	// beside the good ones.
	Duplicates, Late, Bad float64
}

// hurry is how much faster than in Events corrections follow in a live stream: within minutes instead of days, so that a
// spectator sees them and few wait in memory.
const hurry = 1000

// Stream tells stories as they happen, with time = now, and hands over what is due at each tick until the context ends or
// emit fails. A stream is not repeatable to the byte, since the times are those of the clock. It returns nil when the
// context ends.
func (g *Generator) Stream(ctx context.Context, live Live, emit func([]Event) error) error {
	if live.Rate <= 0 {
		return fmt.Errorf("generator: rate %g a second", live.Rate)
	}
	if live.Tick == 0 {
		live.Tick = 100 * time.Millisecond
	}
	ticker := time.NewTicker(live.Tick)
	defer ticker.Stop()

	var pending []Event
	started, told := time.Now(), 0
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		now := time.Now()
		// Counted from the start, so that a slow emit is made up for and the rate holds on the whole.
		for due := int(now.Sub(started).Seconds() * live.Rate); told < due; told++ {
			pending = append(pending, g.liveStory(now, live)...)
		}
		var batch []Event
		batch, pending = partition(pending, now)
		batch = Duplicate(batch, live.Duplicates, g.rng)
		if len(batch) == 0 {
			continue
		}
		if err := emit(batch); err != nil {
			return fmt.Errorf("emit %d events: %w", len(batch), err)
		}
	}
}

// liveStory is one story that happens now, and by chance a bad record beside it.
func (g *Generator) liveStory(now time.Time, live Live) []Event {
	at := now
	if chance(g.rng, live.Late) {
		at = at.Add(-g.upTo(72 * time.Hour))
	}
	var events []Event
	if g.ofService() {
		// It takes weeks, so it began that long ago, and what is still to come is left out.
		at = at.Add(-g.upTo(3 * g.window()))
		events = g.serviceStory(at.UTC().Truncate(time.Microsecond), now)
	} else {
		events = g.story(at.UTC().Truncate(time.Microsecond))
	}
	for i := range events {
		if after := events[i].Published.Sub(at); after > 0 {
			events[i].Published = now.Add(after / hurry)
		} else {
			events[i].Published = now
		}
	}
	if chance(g.rng, live.Bad) {
		kinds := slices.DeleteFunc(PoisonKinds(), func(p Poison) bool { return p.NoDefaultTenant || p.Name == "too-large" })
		events = append(events, g.Poisons(now, pick(g.rng, kinds))...)
	}
	return events
}

// partition parts what is due from what is not, each in its order.
func partition(events []Event, now time.Time) (due, later []Event) {
	for _, e := range events {
		if e.Published.After(now) {
			later = append(later, e)
		} else {
			due = append(due, e)
		}
	}
	return due, later
}
