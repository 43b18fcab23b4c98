package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/rapport-project/rapport/bench/report"
	"github.com/rapport-project/rapport/internal/app"
	"github.com/rapport-project/rapport/metrics"
	"github.com/rapport-project/rapport/rolling"
	"github.com/rapport-project/rapport/rollups"
	"github.com/rapport-project/rapport/schemas"
)

// growthShares are the sizes of stores that cost per event is held against each other on, as shares of the largest: 1, 10 and 50 million.
func growthShares() []int { return []int{50, 5, 1} }

// runReads measures what depends on how much is stored: reads over the largest store, and what it costs to take in more on stores of three sizes.
func runReads(ctx context.Context, b *bench, _ int) ([]took, error) {
	c, err := app.Load(b.environ())
	if err != nil {
		return nil, err
	}
	var reads took
	var grown []growth
	for _, share := range growthShares() {
		n := b.o.facts / share
		if err := b.forget(ctx); err != nil {
			return nil, err
		}
		if err := b.anew(ctx, schemas.TopicSurveyResponses); err != nil {
			return nil, err
		}
		err := b.withDatabase(ctx, func(ctx context.Context, db database) error {
			to := time.Now().UTC().Truncate(time.Minute)
			b.say("loading %d facts", n)
			if err := b.load(ctx, db, c, n, to); err != nil {
				return err
			}
			if share == 1 {
				if reads, err = b.reads(ctx, db, c, to); err != nil {
					return err
				}
			}
			g, err := b.grow(ctx, db, n)
			grown = append(grown, g)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("store of %d facts: %w", n, err)
		}
	}
	return []took{reads, b.growthOf(grown)}, nil
}

// wantedFacts is how many facts the targets are about.
const wantedFacts = 50_000_000

// told is the name of a value: what was measured over fewer facts is not what a target is about, and is told under another name.
func (b *bench) told(name string) string {
	if b.o.facts < wantedFacts {
		return name + "_of_" + inWords(b.o.facts)
	}
	return name
}

// reads makes the figures of a loaded store stand and takes the times of reading them.
func (b *bench) reads(ctx context.Context, db database, c app.Config, to time.Time) (t took, err error) {
	defs, err := c.Definitions()
	if err != nil {
		return t, err
	}
	begun := b.used()
	if err := b.standDays(ctx, db, c, defs, to); err != nil {
		return t, err
	}
	stood := b.used().since(begun)
	if err := b.standWindows(ctx, db, c, defs, to); err != nil {
		return t, err
	}
	if err := b.settled(ctx, db); err != nil {
		return t, err
	}
	p, err := b.startRapport(db, app.Serve)
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	addr, err := p.address(ctx)
	if err != nil {
		return t, err
	}
	t.events = b.o.facts
	for _, r := range b.readings(db, addr, to) {
		values, err := b.timed(ctx, r)
		if err != nil {
			return t, fmt.Errorf("%s: %w", r.name, err)
		}
		t.values = append(t.values, values...)
	}
	sizes, err := b.sizes(ctx, db)
	t.values = append(t.values, report.Value{Name: "recompute_cpu", Unit: "s per million facts", Value: stood.sum().Seconds() / float64(b.o.facts) * 1e6})
	t.values, t.peaks = append(t.values, sizes...), b.peaks()
	return t, err
}

// standDays computes the rollups of every day, as the roll role does when all of them are marked.
func (b *bench) standDays(ctx context.Context, db database, c app.Config, defs *app.Definitions, to time.Time) error {
	c.Rollups.StepTimeout = b.o.patience
	r := rollups.NewRecomputer(rollups.Options{
		Config: c.Rollups, Conn: db.conn, Settings: defs.Processors.Tenants, Log: b.log,
		Epochs: func(context.Context, uint64, []string) (map[string]uint64, error) {
			return map[string]uint64{storeTenant: 1}, nil
		},
	})
	const atOnce = 15 // days, so that it is seen how far it is
	for first := 0; first <= storeDays; first += atOnce {
		days := map[schemas.Day]int64{}
		for i := first; i < min(first+atOnce, storeDays+1); i++ {
			days[schemas.Day{Tenant: storeTenant, Date: to.AddDate(0, 0, i-storeDays).Format(time.DateOnly)}] = 1
		}
		if err := r.Recompute(ctx, 1, days); err != nil {
			return err
		}
		b.say("rollups of %d days stand", min(first+atOnce, storeDays+1))
	}
	return nil
}

// standWindows computes the windows as of an instant, as the keeper of rolling figures does.
func (b *bench) standWindows(ctx context.Context, db database, c app.Config, defs *app.Definitions, at time.Time) error {
	c.Rolling.Timeout, c.Rolling.Publish = b.o.patience, false
	figures := rolling.New(rolling.Options{
		Conn: db.conn, Settings: defs.Processors.Tenants, Questionnaires: defs.Processors.Questionnaires, Timeout: b.o.patience, Log: b.log,
	})
	k := rolling.NewKeeper(rolling.KeeperOptions{
		Config: c.Rolling, Conn: db.conn, Settings: defs.Processors.Tenants, Metrics: metrics.All(), Now: func() time.Time { return at }, Log: b.log,
		Figures: heavyOf{figures, dashboardWindow},
	})
	if err := k.Round(ctx); err != nil {
		return err
	}
	b.say("rolling figures stand")
	return nil
}

// heavyOf computes the figures that only whole spans give for one window alone: those of the others would take longer than all else, and are not read.
type heavyOf struct {
	*rolling.Computer
	window string
}

func (h heavyOf) Figures(ctx context.Context, a rolling.Asked) ([]rolling.Figure, error) {
	heavy := slices.ContainsFunc(metrics.All(), func(m metrics.Metric) bool {
		return slices.Contains(a.Metrics, m.Name) && slices.ContainsFunc(m.Rests, metrics.State.Heavy)
	})
	if heavy && a.Window.Name != h.window {
		return nil, nil
	}
	return h.Computer.Figures(ctx, a)
}

// timed reads a few times to make it warm, then takes the median and the 99th percentile of many.
func (b *bench) timed(ctx context.Context, r reading) ([]report.Value, error) {
	var all []float64
	for i := range r.warm + r.times {
		begun := time.Now()
		answer, err := r.read(ctx)
		took := float64(time.Since(begun).Microseconds()) / 1000
		if err != nil {
			return nil, err
		}
		if i == 0 {
			if err := r.check(answer); err != nil {
				return nil, err
			}
		}
		if i >= r.warm {
			all = append(all, took)
		}
	}
	slices.Sort(all)
	p99 := all[int(math.Ceil(0.99*float64(len(all))))-1]
	name := b.told(r.name)
	b.say("%-14s median %.1f ms, p99 %.1f ms of %d", name, report.Median(all), p99, len(all))
	return []report.Value{{Name: name, Unit: "ms", Value: report.Median(all)}, {Name: name + "_p99", Unit: "ms", Value: p99}}, nil
}
