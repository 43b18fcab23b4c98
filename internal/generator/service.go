package generator

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/rapport-project/rapport/schemas"
)

// matter is what a story of service is about.
type matter struct {
	co       *company
	customer customer // without id where the apps do not know it
	issue    string
	caseID   string
}

// serviceStory is a matter of one customer: contacts about it, its case, complaints of it, or some of these. What would happen at
// until or later is left out.
func (g *Generator) serviceStory(at, until time.Time) []Event {
	co := g.companies[g.serial%len(g.companies)]
	g.serial++
	m := matter{co: co, caseID: g.cfg.IDPrefix + "case-" + strconv.Itoa(g.number(co, "case"))}
	if len(co.customers) > 0 && chance(g.rng, 0.85) {
		m.customer = pick(g.rng, co.customers)
	}
	if chance(g.rng, 0.8) {
		m.issue = g.issue()
	}
	var told []Event
	var contacted []time.Time
	kinds := 1 + g.rng.IntN(7) // bits: contacts, case, complaints
	if kinds&1 != 0 {
		told, contacted = g.chain(m, at)
	}
	if kinds&2 != 0 {
		told = append(told, g.milestones(m, at.Add(g.scatter(time.Hour)), contacted)...)
	}
	if kinds&4 != 0 {
		told = append(told, g.complaints(m, at.Add(g.scatter(48*time.Hour)))...)
	}
	kept := told[:0]
	for _, e := range told {
		if e.Time.Before(until) {
			kept = append(kept, e)
		}
	}
	return kept
}

func (g *Generator) issue() string {
	return pick(g.rng, []string{"leak", "noise & smell", "billing/invoice", "漏油", "a=b&c=d", "start-up"})
}

func (g *Generator) window() time.Duration { return time.Duration(g.cfg.WindowDays) * 24 * time.Hour }

// number counts what a company has of a kind.
func (g *Generator) number(co *company, kind string) int {
	k := numbered{co.tenant, kind}
	g.numbers[k]++
	return g.numbers[k] - 1
}

// scatter is a time up to d to either side.
func (g *Generator) scatter(d time.Duration) time.Duration { return g.upTo(2*d) - d }

// edge is a distance at, just within or just beyond d, which is where rules go wrong.
func (g *Generator) edge(d time.Duration) time.Duration {
	return d + pick(g.rng, []time.Duration{0, 0, 0, time.Microsecond, -time.Microsecond, 999 * time.Nanosecond})
}

// content is the data of a service event and how it may go wrong.
type content interface {
	// corrected is the content stated anew under the same keys.
	corrected(g *Generator, co *company) content
	// moved is the same content under other keys.
	moved(g *Generator, co *company) content
	keys() keys
}

// deliveries are an event, its corrections and retraction and the mistakes made with it.
func (g *Generator) deliveries(co *company, typ schemas.Type, kind string, at time.Time, c content) []Event {
	source, id := g.name(kind, g.number(co, kind))
	tell := func(at time.Time, revision uint32, retracted bool, c content, data any, delay time.Duration) Event {
		v := envelope{typ: typ, tenant: co.tenant, source: source, id: id, at: at, key: key(typ, id, c.keys())}
		return v.event(revision, retracted, data, delay, g.rng)
	}
	rates, delay, revision := g.cfg.Rates, g.upTo(5*time.Second), uint32(0)
	told := []Event{tell(at, 0, false, c, c, delay)}
	if chance(g.rng, rates.Revisions) {
		for range 1 + g.rng.IntN(3) {
			revision += uint32(1 + g.rng.IntN(2))
			delay += g.upTo(48 * time.Hour)
			c = c.corrected(g, co)
			told = append(told, tell(at, revision, false, c, c, delay))
		}
	}
	if chance(g.rng, rates.Conflicts) {
		other := c.corrected(g, co)
		told = append(told, tell(at, revision, false, other, other, delay+g.upTo(time.Hour)))
	}
	if chance(g.rng, rates.MovedTimes) {
		back := time.Duration(1+g.rng.IntN(72)) * time.Hour
		told = append(told, tell(at.Add(-back), revision+uint32(g.rng.IntN(2)), false, c, c, back+delay))
	}
	if chance(g.rng, rates.MovedKeys) {
		other := c.moved(g, co)
		told = append(told, tell(at, revision+uint32(g.rng.IntN(2)), false, other, other, delay+g.upTo(time.Hour)))
	}
	if chance(g.rng, rates.Retractions) {
		// Without a higher revision it is a conflict, which the payload settles.
		revision += uint32(g.rng.IntN(3))
		delay += g.upTo(48 * time.Hour)
		told = append(told, tell(at, revision, true, c, pick(g.rng, []any{nil, c.keys(), c}), delay))
		if chance(g.rng, 0.2) {
			told = append(told, tell(at, revision+1, false, c, c, delay+g.upTo(time.Hour)))
		}
	}
	return told
}

// key is the message key of the contract.
func key(typ schemas.Type, id string, k keys) string {
	candidates := []string{k.CustomerID, k.CaseID}
	switch typ {
	case schemas.TypeMilestone:
		candidates = []string{k.CaseID}
	case schemas.TypeComplaint:
		candidates = []string{k.ComplaintID}
	}
	for _, c := range candidates {
		if c != "" {
			return c
		}
	}
	return id
}

// place is where a service took place: attributes and labels.
func (g *Generator) place(co *company, cu customer) (*attributes, map[string]string) {
	var labels map[string]string
	if chance(g.rng, 0.3) {
		labels = map[string]string{"build": "v" + strconv.Itoa(g.rng.IntN(9)), "工单": strconv.Itoa(g.rng.IntN(99))}
	}
	return g.attributes(co.serve(cu, g.rng), pick(g.rng, co.products), cu), labels
}

func (g *Generator) unknown() string {
	if chance(g.rng, g.cfg.Rates.UnknownFields) {
		return "2026.6." + strconv.Itoa(g.rng.IntN(30))
	}
	return ""
}

// verdict is yes, no, null or not stated, with the given chances of yes and no.
func (g *Generator) verdict(yes, no float64) json.RawMessage {
	switch x := g.rng.Float64(); {
	case x < yes:
		return json.RawMessage("true")
	case x < yes+no:
		return json.RawMessage("false")
	case x < (1+yes+no)/2:
		return json.RawMessage("null")
	}
	return nil
}

// due are due times for some of the steps: around at, exactly when one was reached, or in another century.
func (g *Generator) due(steps []string, at time.Time, reached []time.Time) map[string]string {
	if !chance(g.rng, 0.35) {
		return nil
	}
	due := map[string]string{}
	for range 1 + g.rng.IntN(3) {
		t := at.Add(g.scatter(48 * time.Hour)).Add(g.upTo(10 * 24 * time.Hour))
		switch g.rng.IntN(8) {
		case 0, 1:
			t = pick(g.rng, reached).Add(g.edge(0))
		case 2:
			t = time.Date(pick(g.rng, []int{1999, 2099}), 12, 31, 23, 59, 59, g.rng.IntN(1e9), time.UTC)
		}
		due[pick(g.rng, steps)] = writeTime(t, g.rng)
	}
	return due
}

// another is a numbered name that another story has, or will have.
func (g *Generator) another(co *company, kind string) string {
	return fmt.Sprintf("%s%s-%d", g.cfg.IDPrefix, kind, g.rng.IntN(g.numbers[numbered{co.tenant, kind}]+1))
}
