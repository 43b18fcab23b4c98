package rolling

import (
	"context"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/metrics"
	"github.com/rapport-project/rapport/rolling/live"
	"github.com/rapport-project/rapport/tenants"
)

// deaf takes what is published and drops it.
type deaf struct{ n int }

func (d *deaf) Publish(_ context.Context, msgs ...kafka.Message) error {
	d.n += len(msgs)
	return nil
}

// BenchmarkLive measures a round of the keeper with 40,000 facts more than the one before, of a company with 500 agents, at two seconds of events at 20,000 a
// second: what the store and this process use of processors. RAPPORT_BENCH_ROWS says how many facts of the hours before there are.
func BenchmarkLive(b *testing.B) {
	rows, err := strconv.ParseUint(os.Getenv(envBenchRows), 10, 64)
	if err != nil {
		b.Skipf("%s says over how many facts: 1000000", envBenchRows)
	}
	const some, inserts = 40_000, 8
	r := newRig(b, fixed{"acme": tenants.Tenant{Zone: time.UTC, FCRWindowDays: 7, MinN: 5}})
	sql := strings.Replace(benchDay, "intDiv(86400000000 * number, {rows:UInt64})", "50 * number", 1)
	now := instant(b, "2026-03-31T13:10:00Z")
	write := func(at time.Time, n uint64) {
		if err := r.conn.Exec(b.Context(), sql, clickhouse.Named("day", at.Format("2006-01-02 15:04:05.000000")), clickhouse.Named("rows", n)); err != nil {
			b.Fatal(err)
		}
	}
	write(now.Add(-2*time.Minute-time.Duration(rows)*50*time.Microsecond), rows)
	r.roll()
	busy := live.New(live.Options{Conn: r.conn})
	o := r.c.o
	o.Live, o.Timeout, o.Now = busy, 10*time.Minute, func() time.Time { return now }
	published := &deaf{}
	k := NewKeeper(KeeperOptions{
		Conn: r.conn, Figures: New(o), Settings: r.settings, Metrics: metrics.All(), Publisher: published, Live: busy, Log: zerolog.Nop(),
		Config: Config{Timeout: 10 * time.Minute, Publish: true}, Now: func() time.Time { return now },
	})
	days := k.workers[0]
	round := func() {
		if err := days.round(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	round()
	round()
	published.n = 0
	var store, own, published1 time.Duration
	for b.Loop() {
		for i := range inserts {
			write(now.Add(-time.Minute+time.Duration(i)*some/inserts*50*time.Microsecond), some/inserts)
		}
		now = now.Add(2 * time.Second)
		before, self := r.cpu(b), used()
		round()
		store += r.cpu(b) - before
		own += used() - self
	}
	_ = published1
	b.ReportMetric(store.Seconds()/float64(b.N), "store-cpu-s/op")
	b.ReportMetric(own.Seconds()/float64(b.N), "own-cpu-s/op")
	b.ReportMetric(float64(published.n)/float64(b.N), "published/op")
}

// used is how much time of processors this process has used.
func used() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
