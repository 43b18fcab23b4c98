package generator

import (
	"time"

	"github.com/rapport-project/rapport/schemas"
)

// chain are contacts about a matter, and when they took place.
func (g *Generator) chain(m matter, at time.Time) (told []Event, times []time.Time) {
	for range 1 + g.rng.IntN(5) {
		c := &contact{CustomerID: m.customer.id, Issue: m.issue}
		switch x := g.rng.Float64(); {
		case x < 0.6:
			c.CaseID = m.caseID
		case x < 0.8: // coming back on another ticket is coming back
			c.CaseID = g.another(m.co, "case")
		}
		g.conduct(c, m.co, m.customer)
		told = append(told, g.deliveries(m.co, schemas.TypeContact, "k", at, c)...)
		times = append(times, at)
		at = at.Add(g.gap())
	}
	return told, times
}

// gap is how long it takes until the customer is back.
func (g *Generator) gap() time.Duration {
	w := g.window()
	switch g.rng.IntN(10) {
	case 0:
		return 0
	case 1, 2:
		return max(0, g.edge(w))
	case 3, 4:
		return w + g.upTo(w)
	case 5:
		return g.upTo(time.Hour)
	}
	return g.upTo(w)
}

// conduct is how a contact went.
func (g *Generator) conduct(c *contact, co *company, cu customer) {
	rng := g.rng
	c.Attributes, c.Labels = g.place(co, cu)
	c.Direction, c.Answered = pick(rng, []string{"", "inbound"}), nil
	if chance(rng, 0.08) {
		c.Direction = "outbound"
	}
	if answered := !chance(rng, 0.12); !answered || chance(rng, 0.5) {
		c.Answered = &answered
	}
	c.Resolved = g.verdict(0.65, 0.15)
	c.Wait, c.Talk, c.Hold, c.Wrap = g.seconds(40), g.seconds(600), g.seconds(90), g.seconds(120)
	c.Transferred, c.Unknown = chance(rng, 0.1), g.unknown()
}

// seconds are up to a limit, as apps measure them: whole, in fractions of any length, at the edge of the usual service level, or not at all.
func (g *Generator) seconds(limit float64) *float64 {
	x := limit * g.rng.Float64()
	switch g.rng.IntN(6) {
	case 0:
		return nil
	case 1:
		x = pick(g.rng, []float64{0, 20, 20.0000004, 20.0000006, 19.9999996, 0.0000005})
	case 2, 3:
		x = float64(int(x))
	}
	return &x
}

func (c *contact) corrected(g *Generator, co *company) content {
	n := *c
	g.conduct(&n, co, customer{id: c.CustomerID, region: pick(g.rng, regions())})
	return &n
}

func (c *contact) moved(g *Generator, co *company) content {
	n := *c
	switch g.rng.IntN(3) {
	case 0:
		n.CustomerID = ""
		if len(co.customers) > 0 {
			n.CustomerID = pick(g.rng, co.customers).id
		}
	case 1:
		n.Issue = g.issue()
	default:
		n.CaseID = g.another(co, "case")
	}
	return &n
}

func (c *contact) keys() keys {
	return keys{CustomerID: c.CustomerID, Issue: c.Issue, CaseID: c.CaseID}
}
