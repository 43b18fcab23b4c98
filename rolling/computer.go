package rolling

import (
	"cmp"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/questionnaires"
	"github.com/rapport-project/rapport/rolling/live"
	"github.com/rapport-project/rapport/tenants"
)

// Settings are those of all tenants; *tenants.Settings is one.
type Settings interface {
	// For is a tenant's settings, the defaults where it has none of its own.
	For(id string) tenants.Tenant
}

// Options is what a Computer works with. Conn, Settings and Questionnaires are required.
type Options struct {
	// Conn is the store.
	Conn driver.Conn
	// Settings say where days begin, what they are cut by, from how many observations a figure counts and when a first contact is confirmed.
	Settings Settings
	// Questionnaires have the targets, weights and scales that some metrics need beside states.
	Questionnaires *questionnaires.Catalog
	// Retention is how long facts are kept; 0: for ever. Of days that began before, only rollups are read.
	Retention time.Duration
	// Now is the clock that Retention is judged by; nil means time.Now.
	Now func() time.Time
	// Timeout bounds one statement, MaxRows its answer, and Parallel how many of one query run at once; 0 means 30 s, 5,000,000 and 2.
	Timeout  time.Duration
	MaxRows  uint64
	Parallel int
	// Live keeps sums of busy hours for those who ask again and again; nil: facts are read for each answer.
	Live *live.Keeper
	// Log is told of queries that take long.
	Log zerolog.Logger
}

// Computer computes states and figures for any instant. It keeps nothing and is safe for concurrent use.
type Computer struct {
	o Options
	// factsOnly leaves rollups aside: tests and benchmarks hold one way of reading to the other.
	factsOnly bool
}

// New returns a Computer.
func New(o Options) *Computer {
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Timeout = cmp.Or(o.Timeout, 30*time.Second)
	o.MaxRows = cmp.Or(o.MaxRows, 5_000_000)
	o.Parallel = cmp.Or(o.Parallel, 2)
	return &Computer{o: o}
}

// tenant are the settings of a tenant under its name.
func (c *Computer) tenant(id string) tenants.Tenant {
	t := c.o.Settings.For(id)
	t.ID = id
	return t
}

// kept is the first instant of which all facts of a tenant are kept: the beginning of its first day that no fact can have been dropped of. Zero: all are.
func (c *Computer) kept(t tenants.Tenant) time.Time {
	if c.o.Retention <= 0 {
		return time.Time{}
	}
	horizon := c.o.Now().Add(-c.o.Retention)
	from, to := t.Bounds(t.Day(horizon))
	if from.Before(horizon) {
		return to
	}
	return from
}
