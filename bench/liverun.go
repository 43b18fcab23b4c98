package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"
)

// look is how often it is asked what has arrived: what latencies are exact to.
const look = 200 * time.Millisecond

// countedNow is how many responses the rolling figures of a window count, overall.
const countedNow = `SELECT toUInt64(arraySum((m, n, x) -> if(m = 'csat_top2', n + x, 0), cells.metric, cells.n, cells.n_excluded))
FROM rapport_store.rolling FINAL WHERE tenant = '` + liveTenant + `' AND window = '%s' AND lane = 'days' AND cut = ''`

// liveRun is what was seen of one run.
type liveRun struct {
	o         liveOptions
	processes processes
	sent      sent

	mu sync.Mutex
	arrivals
	from, to         time.Time
	usedFrom, usedTo map[string]time.Duration
	rss              []int64
}

// arrivals are how many events had come where at which look.
type arrivals map[string][]arrival

type arrival struct {
	at time.Time
	n  int
}

func (r *liveRun) begin() { r.from, r.usedFrom = time.Now(), r.processes.used() }
func (r *liveRun) end()   { r.to, r.usedTo = time.Now(), r.processes.used() }

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
		r.mu.Lock()
		r.rss = append(r.rss, r.processes.rss())
		r.mu.Unlock()
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

// latencies of the events published while it was measured, from their publishing, or from when a window could first count them; lost are those that never came.
func (r *liveRun) latencies(name string, counts func(published time.Time) time.Time) (all []time.Duration, lost int) {
	seen := r.arrivals[name]
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
			continue
		}
		l := seen[i].at.Sub(counts(at))
		for range some / 20 {
			all = append(all, l)
		}
	}
	slices.Sort(all)
	return all, lost
}

func (r *liveRun) tell(say func(string, ...any)) {
	elapsed := r.to.Sub(r.from).Seconds()
	sent := 0
	for i, at := range r.sent.times {
		if i > 0 && !at.Before(r.from) {
			sent += r.sent.all[i] - r.sent.all[i-1]
		}
	}
	say("live: %.0f events/s over %.0fs", float64(sent)/elapsed, elapsed)
	for _, name := range slices.Sorted(keys(places())) {
		counts := func(at time.Time) time.Time { return at }
		if name != "facts" && name != "days" {
			counts = func(at time.Time) time.Time {
				step := time.Minute
				if name == "rolling 7d" {
					step = 15 * time.Minute
				}
				first := at.Add(-r.o.age).Add(step - 1).Truncate(step)
				if first.After(at) {
					return first
				}
				return at
			}
		}
		all, lost := r.latencies(name, counts)
		if len(all) == 0 {
			say("live: %-12s none of %d", name, lost)
			continue
		}
		say("live: %-12s p50 %6.2fs  p99 %6.2fs  max %6.2fs  never %d", name, all[len(all)/2].Seconds(), all[len(all)*99/100].Seconds(), all[len(all)-1].Seconds(), lost)
	}
	for name, used := range r.usedTo {
		say("live: %-12s %.2f cores", name, (used-r.usedFrom[name]).Seconds()/elapsed)
	}
	say("live: product holds at most %d MiB (peak %d MiB)", slices.Max(r.rss)>>20, r.processes.status("VmHWM:")>>20)
}

func keys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// processes are those of a run.
type processes struct{ product, broker int }

// used is how much processor time each has used.
func (p processes) used() map[string]time.Duration {
	out := map[string]time.Duration{}
	self := strconv.Itoa(os.Getpid())
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range stats {
		text, err := os.ReadFile(filepath.Clean(name))
		if err != nil {
			continue
		}
		fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
		pid := filepath.Base(filepath.Dir(name))
		if len(fields) <= 12 || pid != self && string(fields[1]) != self {
			continue
		}
		who := "clickhouse"
		switch pid {
		case self:
			who = "bench"
		case strconv.Itoa(p.product):
			who = "product"
		case strconv.Itoa(p.broker):
			who = "broker"
		}
		out[who] += ticks(fields[11]) + ticks(fields[12])
	}
	return out
}

func (p processes) rss() int64 { return p.status("VmRSS:") }

// status is a number of bytes from the product's status; 0 where the system does not tell.
func (p processes) status(field string) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.product))
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(text) {
		if rest, ok := bytes.CutPrefix(line, []byte(field)); ok {
			n, _ := strconv.ParseInt(string(bytes.Fields(rest)[0]), 10, 64)
			return n << 10
		}
	}
	return 0
}
