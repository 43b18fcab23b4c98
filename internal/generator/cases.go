package generator

import (
	"time"

	"github.com/rapport-project/rapport/schemas"
)

func milestoneNames() []string {
	return []string{
		"requested", "acknowledged", "responded", "dispatched", "arrived", "parts_ordered", "parts_arrived", "resolved", "closed", "reopened",
	}
}

// step is something that happened to a case or a complaint.
type step struct {
	name string
	at   time.Time
}

// steps are what happens to a case or complaint that begins at an instant: mostly in order, at times before its beginning, at the same
// instant as another, several times or not at all.
func (g *Generator) steps(names []string, at time.Time) []step {
	begin := names[0]
	var all []step
	for _, name := range names {
		often := 0
		switch x := g.rng.Float64(); {
		case name == begin && x < 0.9, name == "reopened" && x < 0.25, name != begin && name != "reopened" && x < 0.6:
			often = 1
			if chance(g.rng, 0.2) {
				often = 2 + g.rng.IntN(2)
			}
		}
		for range often {
			s := step{name, at}
			if name != begin || chance(g.rng, 0.2) {
				s.at = at.Add(g.upTo(10 * 24 * time.Hour))
			}
			switch {
			case chance(g.rng, 0.05):
				s.at = at.Add(-g.upTo(24 * time.Hour))
			case len(all) > 0 && chance(g.rng, 0.1):
				s.at = pick(g.rng, all).at
			}
			all = append(all, s)
		}
	}
	if len(all) == 0 || chance(g.rng, 0.1) {
		// An event that only states fields.
		all = append(all, step{"", at.Add(g.scatter(24 * time.Hour))})
	}
	return all
}

func times(steps []step) []time.Time {
	all := make([]time.Time, len(steps))
	for i, s := range steps {
		all[i] = s.at
	}
	return all
}

// milestones are the events of a matter's case. It may be reopened just within or beyond the window after a contact.
func (g *Generator) milestones(m matter, at time.Time, contacted []time.Time) []Event {
	happened := g.steps(milestoneNames(), at)
	if len(contacted) > 0 && chance(g.rng, 0.5) {
		happened = append(happened, step{"reopened", pick(g.rng, contacted).Add(g.edge(pick(g.rng, []time.Duration{0, g.window(), g.upTo(g.window())})))})
	}
	var told []Event
	for _, s := range happened {
		x := &milestone{CaseID: m.caseID, Milestone: s.name}
		switch n := g.rng.Float64(); {
		case n < 0.8:
			x.CustomerID = m.customer.id
		case n < 0.85 && len(m.co.customers) > 0:
			x.CustomerID = pick(g.rng, m.co.customers).id
		}
		x.Attributes, x.Labels = g.place(m.co, m.customer)
		x.Due, x.Unknown = g.due(milestoneNames(), s.at, times(happened)), g.unknown()
		told = append(told, g.deliveries(m.co, schemas.TypeMilestone, "m", s.at, x)...)
	}
	return told
}

func (x *milestone) corrected(g *Generator, co *company) content {
	n := *x
	n.Attributes, n.Labels = g.place(co, customer{region: pick(g.rng, regions())})
	if chance(g.rng, 0.3) {
		n.Milestone = pick(g.rng, milestoneNames())
	}
	if chance(g.rng, 0.5) {
		at := g.cfg.From.Add(g.upTo(g.cfg.To.Sub(g.cfg.From)))
		n.Due = g.due(milestoneNames(), at, []time.Time{at})
	}
	return &n
}

func (x *milestone) moved(g *Generator, co *company) content {
	n := *x
	n.CaseID = g.another(co, "case")
	return &n
}

func (x *milestone) keys() keys { return keys{CustomerID: x.CustomerID, CaseID: x.CaseID} }
