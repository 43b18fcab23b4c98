package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rapport-project/rapport/bench/report"
)

// countedNow is how many responses the rolling figures of a window count, overall. No figure covers all of them: those of a questionnaire with items have
// one of csat_top2 each, valid or not, those of `relationship` one of NPS, and none has both.
const countedNow = `SELECT toUInt64(arraySum((m, q, n, x) -> multiIf(m = 'csat_top2', n + x, m = 'nps' AND q = 'relationship', n, 0), cells.metric, cells.questionnaire, cells.n, cells.n_excluded))
FROM rapport_store.rolling FINAL WHERE tenant = '` + liveTenant + `' AND window = '%s' AND lane = 'days' AND cut = ''`

// place is where events arrive.
type place struct {
	name, query string
	// look is how often it is asked what has arrived: what latencies are exact to, with what the query takes.
	look time.Duration
}

// places are asked side by side, so that a dear query makes no other late.
func places() []place {
	const second = time.Second
	return []place{
		{"facts", "SELECT count() FROM " + facts, second / 10},
		{"rolling 1h", fmt.Sprintf(countedNow, "1h"), second / 2},
		{"rolling 24h", fmt.Sprintf(countedNow, "24h"), second / 2},
		{"rolling 7d", fmt.Sprintf(countedNow, "7d"), 2 * second},
		{"days", "SELECT toUInt64(arraySum(cells.n) + arraySum(cells.n_invalid)) FROM rapport_store.satisfaction_days FINAL WHERE cut = ''", second},
	}
}

// liveRun is what was seen of one run.
type liveRun struct {
	o    liveOptions
	sent sent
	// eventBytes is their mean length.
	eventBytes int

	mu sync.Mutex
	arrivals
	from, to time.Time
}

// arrivals are how many events had come where at which look.
type arrivals map[string][]arrival

type arrival struct {
	at time.Time
	n  int
}

func (r *liveRun) begin() { r.from = time.Now() }
func (r *liveRun) end()   { r.to = time.Now() }

// watch looks until ctx ends.
func (r *liveRun) watch(ctx context.Context, db database) error {
	all, ctx := errgroup.WithContext(ctx)
	for _, p := range places() {
		all.Go(func() error { return r.watchPlace(ctx, db, p) })
	}
	return all.Wait()
}

func (r *liveRun) watchPlace(ctx context.Context, db database, p place) error {
	for ctx.Err() == nil {
		next := time.After(p.look)
		n, err := arrived(ctx, db, p.query)
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		r.mu.Lock()
		r.arrivals[p.name] = append(r.arrivals[p.name], arrival{time.Now(), n})
		r.mu.Unlock()
		<-next
	}
	return nil
}

// arrived adds up what a query of numbers gives.
func arrived(ctx context.Context, db database, query string) (n int, err error) {
	rows, err := db.conn.Query(ctx, query)
	if err != nil {
		return 0, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var some uint64
		if err := rows.Scan(&some); err != nil {
			return 0, err
		}
		n += int(some)
	}
	return n, rows.Err()
}

// counted says whether all that was sent is in the figures of the short windows.
func (r *liveRun) counted() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, name := range []string{"facts", "rolling 1h", "rolling 24h"} {
		all := r.arrivals[name]
		if len(all) == 0 || all[len(all)-1].n < r.sent.total() {
			return false
		}
	}
	return true
}

// latencies of the events published while it was measured, from their publishing, or from when a window could first count them; lost are those that never came, which
// get what they had waited by the last look. Those that no look could have seen yet are left out.
func (r *liveRun) latencies(name string, counts func(published time.Time) time.Time) (all []time.Duration, lost int) {
	seen := r.arrivals[name]
	if len(seen) == 0 {
		return nil, r.sent.total()
	}
	i, before, last := 0, 0, seen[len(seen)-1]
	for k, at := range r.sent.times {
		n := r.sent.all[k]
		some := n - before
		before = n
		from := counts(at)
		if at.Before(r.from) || from.After(last.at) {
			continue
		}
		for i < len(seen) && seen[i].n < n {
			i++
		}
		if i == len(seen) {
			lost += some
		}
		l := seen[min(i, len(seen)-1)].at.Sub(from)
		for range some / 20 {
			all = append(all, l)
		}
	}
	slices.Sort(all)
	return all, lost
}

// values says how long the events took, and returns what targets are about.
func (r *liveRun) values(say func(string, ...any)) []report.Value {
	elapsed := r.to.Sub(r.from).Seconds()
	sent := 0
	for i, at := range r.sent.times {
		if i > 0 && !at.Before(r.from) {
			sent += r.sent.all[i] - r.sent.all[i-1]
		}
	}
	rate := float64(sent) / elapsed
	say("live: %.0f events/s over %.0fs", rate, elapsed)
	p99 := map[string]float64{}
	for _, p := range places() {
		all, lost := r.latencies(p.name, r.counts(p.name))
		if len(all) == 0 {
			say("live: %-12s none could be counted before the end", p.name)
			if lost > 0 {
				p99[p.name] = elapsed // at least: what never came meets no target
			}
			continue
		}
		p99[p.name] = all[len(all)*99/100].Seconds()
		say("live: %-12s p50 %6.2fs  p90 %6.2fs  p99 %6.2fs  max %6.2fs  never %d of %d", p.name, all[len(all)/2].Seconds(), all[len(all)*9/10].Seconds(), p99[p.name],
			all[len(all)-1].Seconds(), lost, sent)
	}
	values := []report.Value{
		{Name: report.LiveFacts, Unit: "s", Value: p99["facts"]},
		{Name: report.LiveRolling, Unit: "s", Value: max(p99["rolling 1h"], p99["rolling 24h"])},
	}
	if of7d, ok := p99["rolling 7d"]; ok { // a run may end before a window of days does
		values = append(values, report.Value{Name: "rolling_7d_p99", Unit: "s", Value: of7d})
	}
	return append(values, report.Value{Name: "days_p99", Unit: "s", Value: p99["days"]}, report.Value{Name: "rate", Unit: "1/s", Value: rate})
}

// counts is from when an event can be counted at a place: windows end on whole minutes, those of days on whole quarters of an hour.
func (r *liveRun) counts(name string) func(published time.Time) time.Time {
	step := time.Minute
	switch name {
	case "facts", "days":
		return func(at time.Time) time.Time { return at }
	case "rolling 7d":
		step = 15 * time.Minute
	}
	return func(at time.Time) time.Time {
		if first := at.Add(-r.o.age).Add(step - 1).Truncate(step); first.After(at) {
			return first
		}
		return at
	}
}
