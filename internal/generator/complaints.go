package generator

import (
	"fmt"
	"time"

	"github.com/rapport-project/rapport/schemas"
)

func phases() []string {
	return []string{"opened", "acknowledged", "responded", "resolved", "closed", "reopened", "followed_up"}
}

// complaints are those of a matter: one, or further ones around the 30 days that make a repeat.
func (g *Generator) complaints(m matter, at time.Time) []Event {
	var told []Event
	for range 1 + g.rng.IntN(5)/2 {
		id := fmt.Sprintf("%scomplaint-%d", g.cfg.IDPrefix, g.number(m.co, "complaint"))
		happened := g.steps(phases(), at)
		for _, s := range happened {
			told = append(told, g.complaint(m, id, s, times(happened))...)
		}
		const month = 30 * 24 * time.Hour
		at = at.Add(pick(g.rng, []time.Duration{0, month, max(0, g.edge(month)), g.upTo(month), month + g.upTo(month)}))
	}
	return told
}

func (g *Generator) complaint(m matter, id string, s step, happened []time.Time) []Event {
	x := &complaint{ComplaintID: id, Phase: s.name}
	if chance(g.rng, 0.7) {
		x.CustomerID = m.customer.id
	}
	if len(m.co.customers) > 0 && chance(g.rng, 0.03) {
		x.CustomerID = pick(g.rng, m.co.customers).id
	}
	if chance(g.rng, 0.7) {
		x.Issue = m.issue
	} else if chance(g.rng, 0.1) {
		x.Issue = g.issue()
	}
	if chance(g.rng, 0.4) {
		x.CaseID = m.caseID
	}
	g.particulars(x, m.co, m.customer)
	x.Due = g.due(phases(), s.at, happened)
	return g.deliveries(m.co, schemas.TypeComplaint, "p", s.at, x)
}

// particulars are what an event states of a complaint beside its keys.
func (g *Generator) particulars(x *complaint, co *company, cu customer) {
	x.Attributes, x.Labels = g.place(co, cu)
	x.Severity = g.maybe(0.5, "general", "general", "major")
	x.Category = g.maybe(0.4, "service", "product", "price", "质量")
	x.Reason = g.maybe(0.4, "late", "rude", "wrong_part", "no_call_back", "fault_not_cleared")
	x.Dimension = g.maybe(0.3, "attitude", "timeliness", "skill")
	asked := 0.05
	if x.Phase == "followed_up" {
		asked = 0.8
	}
	x.Handling = g.maybe(asked, "very_satisfied", "satisfied", "mostly_satisfied", "not_very_satisfied", "dissatisfied", "unhandled")
	x.Timely, x.Unknown = nil, g.unknown()
	if chance(g.rng, 0.3) {
		x.Timely = g.verdict(0.5, 0.2)
	}
}

// maybe is one of the values, empty where nothing is stated.
func (g *Generator) maybe(stated float64, values ...string) string {
	if !chance(g.rng, stated) {
		return ""
	}
	return pick(g.rng, values)
}

func (x *complaint) corrected(g *Generator, co *company) content {
	n := *x
	if chance(g.rng, 0.3) {
		n.Phase = pick(g.rng, phases())
	}
	g.particulars(&n, co, customer{region: pick(g.rng, regions())})
	return &n
}

func (x *complaint) moved(g *Generator, co *company) content {
	n := *x
	switch g.rng.IntN(3) {
	case 0:
		n.CustomerID = ""
		if len(co.customers) > 0 {
			n.CustomerID = pick(g.rng, co.customers).id
		}
	default:
		n.ComplaintID = g.another(co, "complaint")
	}
	return &n
}

func (x *complaint) keys() keys {
	return keys{CustomerID: x.CustomerID, Issue: x.Issue, CaseID: x.CaseID, ComplaintID: x.ComplaintID}
}
