package rolling

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/rapport-project/rapport/metrics"
	"github.com/rapport-project/rapport/rollups"
)

// worker answers the looks of one lane, and remembers what it has answered.
type worker struct {
	k    *Keeper
	lane lane
	// known is set once the tenants with stored figures are among the looks.
	known bool
	// blocks and minute are of the last look, which need not be repeated while they stay.
	blocks uint64
	minute time.Time
	// live are the changes of busy tenants that looks have.
	live  map[string]uint64
	looks map[unit]basis
	done  map[unit]basis
	// at is when a unit was computed last.
	at map[unit]time.Time
	// hours are the last ones recorded.
	hours map[unit]time.Time
	// whole is when the last round began that left no unit aside for a backlog.
	whole time.Time
	waits map[unit]wait
}

// wait is until when a unit that failed is left alone.
type wait struct {
	until time.Time
	fails int
}

func newWorker(k *Keeper, l lane) *worker {
	w := &worker{k: k, lane: l, whole: k.o.Now()}
	w.forget()
	return w
}

// forget makes the next round compute everything: meanwhile another process kept the figures.
func (w *worker) forget() {
	w.known, w.minute = false, time.Time{}
	w.looks, w.done, w.at, w.hours, w.waits = map[unit]basis{}, map[unit]basis{}, map[unit]time.Time{}, map[unit]time.Time{}, map[unit]wait{}
	if w.lane == laneDays {
		w.k.mu.Lock()
		clear(w.k.followed)
		w.k.mu.Unlock()
		if w.k.o.Live != nil {
			w.k.o.Live.Forget()
		}
	}
}

// round answers what changed since the last one, the short windows first, and while a backlog is taken in those alone: what rests on days waits until they stand, as
// sweepers do. An error is one of looking; those of units are logged, counted and
// tried again.
func (w *worker) round(ctx context.Context) error {
	now := w.k.o.Now()
	if err := w.see(ctx, now); err != nil {
		return err
	}
	units := slices.SortedFunc(maps.Keys(w.looks), byWindow)
	slices.SortStableFunc(units, w.byTurn)
	waits := rollups.WaitsForBacklog(w.k.o.Backlog, w.whole, now)
	due := slices.Clone(units)
	if waits {
		due = slices.DeleteFunc(due, func(u unit) bool { return w.lane == laneSpans || !short(u) })
	}
	began, long, aside := time.Now(), false, false
	good := w.each(ctx, due, now, func(u unit) error {
		if long && len(w.live) > 0 && time.Since(began) > longRound {
			aside = true // its turn comes first in the next round
			return nil
		}
		before := w.at[u]
		err := w.answer(ctx, u, w.looks[u])
		long = long || !short(u) && !w.at[u].Equal(before)
		return err
	})
	if !waits && !aside {
		w.whole = now
	}
	if good && !waits && ctx.Err() == nil {
		w.k.gauges.refreshed.WithLabelValues(string(w.lane)).SetToCurrentTime()
	}
	if w.lane == laneDays {
		if err := w.k.show(ctx); err != nil {
			return err
		}
	}
	if waits {
		return nil
	}
	return w.history(ctx, units, now)
}

// each does something with each unit that does not wait to be tried again, and says whether all went well.
func (w *worker) each(ctx context.Context, units []unit, now time.Time, do func(unit) error) bool {
	good := true
	for _, u := range units {
		if ctx.Err() != nil || !w.k.leads() {
			return false
		}
		if w.waits[u].until.After(now) {
			good = false
			continue
		}
		if err := do(u); err == nil {
			delete(w.waits, u)
		} else if ctx.Err() == nil {
			good = false
			w.putOff(u, err)
		}
	}
	return good
}

// history records the hour that is due, of one unit after the other while nothing new is to be computed: present figures go before past ones.
func (w *worker) history(ctx context.Context, units []unit, now time.Time) error {
	hour := now.Add(-w.k.o.HistoryDelay).UTC().Truncate(time.Hour)
	due := slices.DeleteFunc(units, func(u unit) bool {
		return !w.hours[u].Before(hour) || len(metricsOf(w.k.o.Metrics, w.lane, u.window)) == 0
	})
	for i := range due {
		w.each(ctx, due[i:i+1], now, func(u unit) error {
			err := w.k.record(ctx, w.lane, u, w.looks[u], hour, metricsOf(w.k.o.Metrics, w.lane, u.window))
			if err == nil {
				w.hours[u] = hour
			}
			return err
		})
		if w.lane == laneDays && i+1 < len(due) {
			if blocks, err := w.k.blocks(ctx); err != nil || blocks != w.blocks {
				return err
			}
		}
	}
	return nil
}

// see makes looks be what there is to answer.
func (w *worker) see(ctx context.Context, now time.Time) error {
	if w.lane == laneSpans {
		w.looks = w.k.answered()
		return nil
	}
	blocks, err := w.k.blocks(ctx)
	if err != nil {
		return err
	}
	if w.k.o.Live != nil {
		if w.live, err = w.k.o.Live.Changes(ctx); err != nil {
			return fmt.Errorf("rolling: look for facts: %w", err)
		}
	}
	minute := now.Truncate(time.Minute)
	if w.known && blocks == w.blocks && minute.Equal(w.minute) {
		w.enliven()
		return nil
	}
	looks, err := w.k.look(ctx, now)
	if err != nil {
		return err
	}
	// Who has figures stored and nothing in the last windows any more is to lose them.
	var left []string
	if !w.known {
		if left, err = w.k.tenantsStored(ctx); err != nil {
			return err
		}
	}
	for u := range w.looks {
		left = append(left, u.tenant)
	}
	for _, tenant := range left {
		for _, window := range metrics.Windows() {
			if _, ok := looks[unit{tenant, window}]; !ok {
				looks[unit{tenant, window}] = basis{asOf: window.AsOf(now)}
			}
		}
	}
	w.looks, w.blocks, w.minute, w.known = looks, blocks, minute, true
	w.enliven()
	return nil
}

// enliven notes what came of busy tenants, whose short windows are of facts alone and need not wait for their days.
func (w *worker) enliven() {
	for u, l := range w.looks {
		if short(u) {
			l.live = w.live[u.tenant]
			w.looks[u] = l
		}
	}
}

// answer computes a unit where what it rests on changed.
func (w *worker) answer(ctx context.Context, u unit, l basis) error {
	names := metricsOf(w.k.o.Metrics, w.lane, u.window)
	if done, ok := w.done[u]; len(names) > 0 && (!ok || done != l.of(w.lane)) {
		if err := w.k.refresh(ctx, w.lane, u, l, names); err != nil {
			return err
		}
		w.done[u], w.at[u] = l.of(w.lane), time.Now()
	}
	if w.lane == laneDays {
		w.k.follow(u, l)
	}
	return nil
}

// putOff leaves a unit alone for a while that doubles with each failure, so that the others are not held up by it.
func (w *worker) putOff(u unit, err error) {
	was := w.waits[u]
	pause := min(w.k.o.Interval<<min(was.fails, 20), w.k.o.RetryMax)
	w.waits[u] = wait{until: w.k.o.Now().Add(pause), fails: was.fails + 1}
	w.k.gauges.failures.Inc()
	w.k.o.Log.Warn().Err(err).Str("tenant", u.tenant).Str("window", u.window.Name).Str("lane", string(w.lane)).Msg("rolling figures cannot be computed, they are tried again")
}

func byWindow(a, b unit) int {
	return cmp.Or(cmp.Compare(a.window.Length, b.window.Length), cmp.Compare(a.tenant, b.tenant))
}

// longRound is how long a round may be before long windows, but for one, are left to the next one, where a tenant is so busy that its short ones change with every round.
const longRound = 2 * time.Second

// short says that a unit's window is of facts alone.
func short(u unit) bool { return u.window.Length <= 24*time.Hour }

// byTurn puts short windows first, then the long ones by when they were computed last.
func (w *worker) byTurn(a, b unit) int {
	switch {
	case short(a) && short(b):
		return 0
	case short(a):
		return -1
	case short(b):
		return 1
	}
	return w.at[a].Compare(w.at[b])
}
