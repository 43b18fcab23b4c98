package alerts

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/rolling"
	"github.com/rapport-project/rapport/tenants"
)

// Config is the pace of the evaluator.
type Config struct {
	Delay    time.Duration `env:"DELAY" envDefault:"15s" doc:"how long after an instant it is judged, so that events on their way are in"`
	Parallel int           `env:"PARALLEL" envDefault:"2" doc:"how many tenants are judged at once"`
	Timeout  time.Duration `env:"TIMEOUT" envDefault:"60s" doc:"how long one instant of a group may take for a tenant before it is tried again"`
}

// Options is what an Evaluator works with. Rules, Figures, Store, Settings and Tenants are required.
type Options struct {
	Config
	Rules    *Rules
	Figures  Figures
	Store    Store
	Settings Settings
	// Tenants are those that there are.
	Tenants func(ctx context.Context) ([]string, error)
	// Share says whether a tenant is this process's to judge; nil means all are.
	Share func(tenant string) bool
	// Now is the clock; nil is the machine's.
	Now func() time.Time
	// Retention is how long facts are kept; 0: for ever. What fired for figures of facts that may be gone is not looked at again.
	Retention time.Duration
	// Hindsight says that the figures know all that there is to know, so that none is looked at again.
	Hindsight bool
	// Log takes faults, and what fires.
	Log zerolog.Logger
	// Registerer takes the metrics; nil means none.
	Registerer prometheus.Registerer
}

// Evaluator judges rules at the instants of their groups.
type Evaluator struct {
	o       Options
	figures *asker
	metrics *evaluatorMetrics
	// done is how far each group is, and quiet how far each group and tenant of which nothing was stored: as far as this process knows.
	done, quiet progress
	// begun is when the first round was.
	begun time.Time
}

// New returns an Evaluator.
func New(o Options) *Evaluator {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Share == nil {
		o.Share = func(string) bool { return true }
	}
	o.Parallel = max(o.Parallel, 1)
	if o.Timeout <= 0 {
		o.Timeout = time.Minute
	}
	return &Evaluator{o: o, figures: newAsker(o.Figures), metrics: newMetrics(o.Registerer)}
}

// Evaluate judges one instant of a group for a tenant and stores what came of it. An instant that is not after the last one changes nothing.
func (e *Evaluator) Evaluate(ctx context.Context, g Group, tenant string, was State, at time.Time) (State, error) {
	if !was.At.IsZero() && !at.After(was.At) {
		return was, nil
	}
	t := e.o.Settings.For(tenant)
	t.ID = tenant
	now := State{At: at}
	var told []happening
	before, past := map[Key]Alert{}, map[Key]bool{}
	for _, a := range was.Alive {
		before[a.Key] = a
	}
	for _, r := range g.Rules {
		if !r.Concerns(tenant) {
			continue
		}
		figures, err := e.judged(ctx, t, g, r, before, at)
		if err != nil {
			return was, err
		}
		for _, f := range figures {
			v := r.Judge(f.Figure, t.MinN)
			past[f.Key] = v.past(r)
			a, more := e.step(t, g, r, before[f.Key], f, v, at)
			delete(before, f.Key)
			now.keep(a)
			told = append(told, more...)
		}
	}
	// Rules that are gone, or no longer for the tenant, end what they had begun.
	for _, a := range sortedAlerts(before) {
		if a.Status == Firing {
			a.EndedAt = at
			told = append(told, happening{tenant: t.ID, group: g.Name, alert: a, change: Resolved, at: at})
			now.keep(a)
		}
	}
	now.Ended = append(now.Ended, was.Ended...)
	told, err := e.correct(ctx, t, g, &now, told, past, at)
	if err != nil {
		// What fires now is not held back by what was long ago: that is looked at again.
		e.metrics.failures.Inc()
		e.o.Log.Warn().Err(err).Str("tenant", tenant).Str("group", g.Name).Msg("cannot look again at what alerts fired for")
	}
	if now.quiet(was, len(told)) {
		now.stored = was.stored
		e.quiet.set(g.Name+" "+tenant, at)
		return now, nil
	}
	return e.save(ctx, t, g, now, told)
}

// figure is one that a rule judges at an instant.
type figure struct {
	Key
	rolling.Figure
	asOf time.Time
}

// judged are the figures of a rule: those that there are, and without figure those that must be there, and those of alerts that are alive.
func (e *Evaluator) judged(ctx context.Context, t tenants.Tenant, g Group, r Rule, before map[Key]Alert, at time.Time) ([]figure, error) {
	if !isCutOf(t, r.Cut) {
		return nil, nil
	}
	asOf := r.Window.AsOf(at)
	all, err := e.figures.ask(ctx, question(t, g, r, asOf))
	if err != nil {
		return nil, err
	}
	var out []figure
	seen := map[Key]bool{}
	add := func(k Key, f rolling.Figure) {
		if !seen[k] {
			seen[k] = true
			out = append(out, figure{Key: k, Figure: f, asOf: asOf})
		}
	}
	for _, f := range all {
		if r.judges(f) {
			add(Key{r.Alert, f.Questionnaire, f.Detail, f.Cut, f.CutValue}, f)
		}
	}
	if k, ok := r.only(); ok {
		add(k, rolling.Figure{})
	}
	for _, a := range sortedAlerts(before) {
		if a.Alert == r.Alert {
			add(a.Key, rolling.Figure{})
		}
	}
	return out, nil
}

// isCutOf says whether a tenant's figures are cut so: pairs are those of its file.
func isCutOf(t tenants.Tenant, cut string) bool {
	return cut == "" || slices.Contains(tenants.Attributes(), cut) || hasPair(t, cut)
}

// question asks at once for what all rules of the group over the same window and cut want. rank is asked for alone, for it is of what is asked for beside it.
func question(t tenants.Tenant, g Group, r Rule, asOf time.Time) rolling.Asked {
	q := rolling.Asked{Tenant: t.ID, Window: r.Window, Cuts: []string{r.Cut}, AsOf: asOf}
	if r.Metric.Points == nil {
		q.Metrics = []string{r.Metric.Name}
		return q
	}
	for _, other := range g.Rules {
		if other.Window == r.Window && other.Cut == r.Cut && other.Metric.Points != nil && other.Concerns(t.ID) {
			q.Metrics = append(q.Metrics, other.Metric.Name)
		}
	}
	return q
}

// judges says whether a figure is one that the rule is about.
func (r Rule) judges(f rolling.Figure) bool {
	return f.Metric == r.Metric.Name && f.Cut == r.Cut && (r.CutValue == nil || f.CutValue == *r.CutValue) &&
		(r.Questionnaire == "" || f.Questionnaire == r.Questionnaire) && (r.Detail == "" || f.Detail == r.Detail)
}

// only is the one figure that a rule is about, where it is about one.
func (r Rule) only() (Key, bool) {
	k := Key{Alert: r.Alert, Questionnaire: r.Questionnaire, Detail: r.Detail, Cut: r.Cut}
	if r.CutValue != nil {
		k.CutValue = *r.CutValue
	}
	one := (r.Questionnaire != "" || !r.Metric.PerQuestionnaire) && (r.Detail != "" || r.Metric.Detail == "") && (r.Cut == "" || r.CutValue != nil)
	return k, one
}

// step moves one alert on.
func (e *Evaluator) step(t tenants.Tenant, g Group, r Rule, a Alert, f figure, v Verdict, at time.Time) (Alert, []happening) {
	life, change := Step(a.Life, v, r, g.Interval, at)
	next := Alert{Key: f.Key, Life: life, AsOf: a.AsOf, Told: a.Told}
	switch change {
	case Fired:
		next.AsOf = f.asOf
	case Resolved:
		next.Life, next.EndedAt = a.Life, at
	default:
		return next, nil
	}
	return next, []happening{{tenant: t.ID, group: g.Name, rule: r, alert: next, change: change, at: at, asOf: f.asOf, figure: f.Figure}}
}

// keep takes an alert into a state: the ones that are over for a day, the inactive ones not at all.
func (s *State) keep(a Alert) {
	switch {
	case !a.EndedAt.IsZero():
		s.Ended = append(s.Ended, a)
	case a.Status == Pending || a.Status == Firing:
		s.Alive = append(s.Alive, a)
	}
}

// told notes what was told of an alert that has just fired.
func (s *State) told(x Transition) {
	for i := range s.Alive {
		if s.Alive[i].Key == x.Key {
			s.Alive[i].Told = &x
		}
	}
}

func sortedAlerts(of map[Key]Alert) []Alert {
	s := State{}
	for _, a := range of {
		s.Alive = append(s.Alive, a)
	}
	s.sorted()
	return s.Alive
}

// save stores the state and what is told, in one row. What moved the figures is asked for only now, for the few that fire.
func (e *Evaluator) save(ctx context.Context, t tenants.Tenant, g Group, now State, told []happening) (State, error) {
	ev := Evaluation{Tenant: t.ID, Group: g.Name}
	for _, h := range told {
		if h.alert.Told != nil && h.rule.Alert == "" {
			ev.Transitions = append(ev.Transitions, h.alert.Told.ended(h.at))
			continue
		}
		if h.change == Fired {
			movers, err := e.movers(ctx, t, h.rule, h.alert.Key, h.figure, h.at)
			if err != nil {
				// An alert is not held back for what it would say besides.
				e.metrics.failures.Inc()
				e.o.Log.Warn().Err(err).Str("tenant", t.ID).Str("alert", h.alert.Alert).Msg("cannot say what moved a figure that an alert fires for")
			}
			h.movers = movers
		}
		x := h.tell()
		ev.Transitions = append(ev.Transitions, x)
		if h.change == Fired {
			now.told(x)
		}
	}
	now.sorted()
	now.stored = now.At
	ev.State = now
	if err := e.o.Store.Save(ctx, ev); err != nil {
		return State{}, fmt.Errorf("store what came of %s at %s for %s: %w", g.Name, now.At.Format(time.RFC3339), t.ID, err)
	}
	for _, x := range ev.Transitions {
		e.metrics.transitions.WithLabelValues(string(x.Change)).Inc()
		e.o.Log.Info().Str("tenant", x.Tenant).Str("alert", x.Alert).Str("id", x.ID).Str("cut", x.Cut).Str("cut_value", x.CutValue).Msg(string(x.Change))
	}
	return now, nil
}
