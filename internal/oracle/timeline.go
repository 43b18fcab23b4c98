package oracle

import (
	"slices"
	"time"

	"github.com/rapport-project/rapport/schemas"
)

// Duration is a wait since the beginning of a case or complaint.
type Duration struct {
	Micros int64
	// Working is the same by the business calendar, microseconds; nil where the tenant has none.
	Working *int64
}

// timeline is what cases and complaints have in common.
type timeline struct {
	events                   []delivery // in their order, at least one
	reached, due             map[string]time.Time
	wasResolved, wasReopened bool
}

func newTimeline(events []delivery) timeline {
	t := timeline{events: slices.SortedFunc(slices.Values(events), compareDeliveries), reached: map[string]time.Time{}, due: map[string]time.Time{}}
	for i, e := range t.events {
		for name, at := range e.service.Due {
			t.due[name] = at.UTC().Truncate(time.Microsecond)
		}
		step := e.service.step()
		reopenedAfter := slices.ContainsFunc(t.events[i+1:], func(o delivery) bool { return o.service.step() == "reopened" })
		switch {
		case step == "resolved":
			t.wasResolved = true
			t.wasReopened = t.wasReopened || reopenedAfter
			if !reopenedAfter {
				t.reached[step] = e.at
			}
		case step != "":
			if _, ok := t.reached[step]; !ok {
				t.reached[step] = e.at
			}
		}
	}
	return t
}

// start is when the step that begins it was reached; nil where that is not known.
func (t timeline) start(step string) *time.Time {
	if at, ok := t.reached[step]; ok {
		return &at
	}
	return nil
}

// origin is the event whose attributes count: the one that begins it, else the earliest.
func (t timeline) origin(step string) service {
	for _, e := range t.events {
		if e.service.step() == step {
			return e.service
		}
	}
	return t.events[0].service
}

// customer is the origin's, else the first that is named.
func (t timeline) customer(step string) string {
	if c := t.origin(step).CustomerID; c != "" {
		return c
	}
	for _, e := range t.events {
		if e.service.CustomerID != "" {
			return e.service.CustomerID
		}
	}
	return ""
}

// latest is the last stated value of a field.
func (t timeline) latest(field func(service) string) string {
	value := ""
	for _, e := range t.events {
		if v := field(e.service); v != "" {
			value = v
		}
	}
	return value
}

// durations are the waits from the start to each of the steps, under the given names, and to the first response. What lies
// before the start has none.
func (t timeline) durations(start *time.Time, steps map[string]string, tenant Tenant) map[string]Duration {
	found := map[string]Duration{}
	if start == nil {
		return found
	}
	for step, name := range steps {
		if at, ok := t.reached[step]; ok && !at.Before(*start) {
			found[name] = newDuration(*start, at, tenant)
		}
	}
	for _, step := range []string{"acknowledged", "responded"} {
		at, ok := t.reached[step]
		if !ok || at.Before(*start) {
			continue
		}
		d := newDuration(*start, at, tenant)
		if have, ok := found["first_response"]; !ok || d.Micros < have.Micros {
			found["first_response"] = d
		}
	}
	return found
}

func newDuration(from, to time.Time, tenant Tenant) Duration {
	d := Duration{Micros: to.Sub(from).Microseconds()}
	if tenant.Working != nil {
		w := tenant.Working(from, to).Microseconds()
		d.Working = &w
	}
	return d
}

// Case is a case with its milestones as they hold; at least one of its events is live.
type Case struct {
	Tenant, CaseID, CustomerID string
	Attributes                 schemas.Attributes
	Labels                     map[string]string
	// Reached and Due are by milestone, UTC in whole microseconds; Durations by milestone and first_response.
	Reached, Due             map[string]time.Time
	Durations                map[string]Duration
	RequestedAt              *time.Time
	WasResolved, WasReopened bool
}

func cases(live []delivery, opts Options) []Case {
	const start = "requested"
	measured := map[string]string{}
	for _, m := range []string{"acknowledged", "responded", "dispatched", "arrived", "parts_ordered", "parts_arrived", "resolved", "closed"} {
		measured[m] = m
	}
	var all []Case
	for k, events := range byEntity(live) {
		t := newTimeline(events)
		o := t.origin(start)
		c := Case{
			Tenant: k.tenant, CaseID: k.entity, CustomerID: t.customer(start), Attributes: schemas.Attributes(o.Attributes), Labels: o.Labels,
			Reached: t.reached, Due: t.due, RequestedAt: t.start(start), WasResolved: t.wasResolved, WasReopened: t.wasReopened,
		}
		c.Durations = t.durations(c.RequestedAt, measured, opts.Tenants[k.tenant])
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b Case) int { return slices.Compare(a.key(), b.key()) })
	return all
}

func (c Case) key() []string { return []string{c.Tenant, c.CaseID} }
