package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/rapport-project/rapport/bench/report"
)

// look is how often it is asked what has arrived: what latencies are exact to.
const look = 200 * time.Millisecond

// countedNow is how many responses the rolling figures of a window count, overall.
const countedNow = `SELECT toUInt64(arraySum((m, n, x) -> if(m = 'csat_top2', n + x, 0), cells.metric, cells.n, cells.n_excluded))
FROM rapport_store.rolling FINAL WHERE tenant = '` + liveTenant + `' AND window = '%s' AND lane = 'days' AND cut = ''`

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

// places are what is asked for arrivals, each by a query.
func places() map[string]string {
	return map[string]string{
		"facts": "SELECT count() FROM " + facts, "rolling 1h": fmt.Sprintf(countedNow, "1h"), "rolling 24h": fmt.Sprintf(countedNow, "24h"),
		"rolling 7d": fmt.Sprintf(countedNow, "7d"), "days": "SELECT toUInt64(arraySum(cells.n) + arraySum(cells.n_invalid)) FROM rapport_store.satisfaction_days FINAL WHERE cut = ''",
	}
}

// watch looks until ctx ends.
func (r *liveRun) watch(ctx context.Context, db database) error {
	for ctx.Err() == nil {
		next := time.After(look)
		for name, query := range places() {
			n := uint64(0)
			rows, err := db.conn.Query(ctx, query)
			if err != nil {
				if ctx.Err() != nil {
					return nil
				}
				return err
			}
			for rows.Next() {
				var some uint64
				if err := rows.Scan(&some); err != nil {
					return err
				}
				n += some
			}
			_ = rows.Close()
			r.mu.Lock()
			if r.arrivals == nil {
				r.arrivals = arrivals{}
			}
			r.arrivals[name] = append(r.arrivals[name], arrival{time.Now(), int(n)})
			r.mu.Unlock()
		}
		<-next
	}
	return nil
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
// get what they had waited by the last look.
func (r *liveRun) latencies(name string, counts func(published time.Time) time.Time) (all []time.Duration, lost int) {
	seen := r.arrivals[name]
	if len(seen) == 0 {
		return nil, r.sent.total()
	}
	i, before := 0, 0
	for k, at := range r.sent.times {
		n := r.sent.all[k]
		some := n - before
		before = n
		if at.Before(r.from) {
			continue
		}
		for i < len(seen) && seen[i].n < n {
			i++
		}
		if i == len(seen) {
			lost += some
		}
		l := seen[min(i, len(seen)-1)].at.Sub(counts(at))
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
	for _, name := range slices.Sorted(maps.Keys(places())) {
		all, lost := r.latencies(name, r.counts(name))
		if len(all) == 0 {
			say("live: %-12s none of %d", name, lost)
			continue
		}
		p99[name] = all[len(all)*99/100].Seconds()
		say("live: %-12s p50 %6.2fs  p99 %6.2fs  max %6.2fs  never %d", name, all[len(all)/2].Seconds(), p99[name], all[len(all)-1].Seconds(), lost)
	}
	return []report.Value{
		{Name: report.LiveFacts, Unit: "s", Value: p99["facts"]},
		{Name: report.LiveRolling, Unit: "s", Value: max(p99["rolling 1h"], p99["rolling 24h"])},
		{Name: "rolling_7d_p99", Unit: "s", Value: p99["rolling 7d"]},
		{Name: "days_p99", Unit: "s", Value: p99["days"]},
		{Name: "rate", Unit: "1/s", Value: rate},
	}
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
