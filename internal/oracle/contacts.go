package oracle

import (
	"slices"
	"time"

	"github.com/rapport-project/rapport/schemas"
)

// Contact is a live contact with what its chain makes of it.
type Contact struct {
	Identity
	Chain                     string
	At                        time.Time // UTC, whole microseconds
	Revision                  int64
	Payload                   uint64
	CustomerID, Issue, CaseID string
	Attributes                schemas.Attributes
	Labels                    map[string]string
	Direction                 string // inbound or outbound
	Answered                  bool
	Resolved                  *bool
	Wait, Talk, Hold, Wrap    *int64 // microseconds; nil: not known
	Transferred               bool
	InChain, First, Later     bool
	Episode                   int64
	FCR, FCRReason, Excluded  string
	ConfirmedAt               *time.Time // of a first contact
	Next                      *int64     // microseconds to the next contact of the chain
	InServiceLevel            bool
}

// contacts asks of each live contact, naively, what every other one of its chain means for it.
func contacts(live, milestones []delivery, opts Options) []Contact {
	reopened := map[entityKey][]time.Time{}
	for _, m := range milestones {
		if m.service.Milestone == "reopened" {
			k := entityKey{m.Tenant, m.service.CaseID}
			reopened[k] = append(reopened[k], m.at)
		}
	}
	all := make([]Contact, 0, len(live))
	for _, chain := range byEntity(live) {
		var in []delivery
		for _, d := range chain {
			if d.inbound() && d.answered() {
				in = append(in, d)
			}
		}
		firsts := slices.DeleteFunc(slices.Clone(in), func(d delivery) bool { return repeats(d, in, opts.Tenants[d.Tenant].window()) })
		for _, d := range chain {
			c := newContact(d)
			c.judge(d, in, firsts, reopened[entityKey{d.Tenant, d.service.CaseID}], opts.Tenants[d.Tenant])
			all = append(all, c)
		}
	}
	slices.SortFunc(all, func(a, b Contact) int { return slices.Compare(a.key(), b.key()) })
	return all
}

func (d delivery) inbound() bool  { return d.service.Direction != "outbound" }
func (d delivery) answered() bool { return d.service.Answered == nil || *d.service.Answered }

func newContact(d delivery) Contact {
	s := d.service
	c := Contact{
		Identity: d.Identity, Chain: d.entity, At: d.at, Revision: d.revision, Payload: d.payload,
		CustomerID: s.CustomerID, Issue: s.Issue, CaseID: s.CaseID, Attributes: schemas.Attributes(s.Attributes), Labels: s.Labels,
		Direction: "inbound", Answered: d.answered(), Resolved: s.Resolved,
		Wait: s.Wait.pointer(), Talk: s.Talk.pointer(), Hold: s.Hold.pointer(), Wrap: s.Wrap.pointer(), Transferred: s.Transferred,
	}
	if !d.inbound() {
		c.Direction = "outbound"
	}
	return c
}

// judge fills the outcome in; chain are the answered inbound contacts of d's chain, firsts the first ones among them, in any order.
func (c *Contact) judge(d delivery, chain, firsts []delivery, reopened []time.Time, t Tenant) {
	window := t.window()
	switch {
	case !d.inbound():
		c.Excluded = "outbound"
		return
	case !d.answered():
		c.Excluded = "abandoned"
		return
	}
	c.InChain = true
	c.InServiceLevel = c.Wait != nil && *c.Wait <= t.serviceLevel().Microseconds()
	for _, o := range chain {
		if compareDeliveries(d, o) >= 0 {
			continue
		}
		distance := o.at.Sub(d.at)
		if distance <= window {
			c.Later = true
		}
		if c.Next == nil || distance.Microseconds() < *c.Next {
			next := distance.Microseconds()
			c.Next = &next
		}
	}
	if c.First = !repeats(d, chain, window); !c.First {
		return
	}
	confirmed := d.at.Add(window)
	c.ConfirmedAt = &confirmed
	for _, o := range chain {
		if beginning(o, firsts) == d.Identity {
			c.Episode++
		}
	}
	comesBack := slices.ContainsFunc(reopened, func(at time.Time) bool {
		return d.service.CaseID != "" && at.After(d.at) && !at.After(confirmed)
	})
	switch {
	case c.Resolved == nil:
		c.Excluded = "resolved_unknown"
	case !*c.Resolved:
		c.FCR, c.FCRReason = "no", "not_resolved"
	case c.Later:
		c.FCR, c.FCRReason = "no", "repeat_contact"
	case comesBack:
		c.FCR, c.FCRReason = "no", "reopened"
	default:
		c.FCR = "yes"
	}
}

// repeats says that another contact of the chain lies before d within the window.
func repeats(d delivery, chain []delivery, window time.Duration) bool {
	return slices.ContainsFunc(chain, func(o delivery) bool { return compareDeliveries(o, d) < 0 && d.at.Sub(o.at) <= window })
}

// beginning is the first contact of the episode that d is of: the last first one up to d itself.
func beginning(d delivery, firsts []delivery) Identity {
	upTo := slices.DeleteFunc(slices.Clone(firsts), func(o delivery) bool { return compareDeliveries(o, d) > 0 })
	return slices.MaxFunc(upTo, compareDeliveries).Identity
}

func (c Contact) key() []string {
	return []string{c.Tenant, c.At.Truncate(time.Hour).Format(time.RFC3339), c.Source, c.ID, c.Chain}
}
