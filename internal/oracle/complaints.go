package oracle

import (
	"slices"
	"strings"
	"time"

	"github.com/rapport-project/rapport/schemas"
)

// Complaint is a complaint with its phases as they hold; at least one of its events is live.
type Complaint struct {
	Tenant, ComplaintID, CustomerID, CaseID, Issue  string
	Severity, Category, Reason, Dimension, Handling string
	Timely                                          *bool
	Attributes                                      schemas.Attributes
	Labels                                          map[string]string
	// Reached and Due are by phase, UTC in whole microseconds; Durations are first_response and resolution.
	Reached, Due             map[string]time.Time
	Durations                map[string]Duration
	OpenedAt                 *time.Time
	WasResolved, WasReopened bool
	// Repeat says that the customer had complained of the issue in the 30 days before.
	Repeat bool
}

// repeatWindow is how far back an earlier complaint makes this one a repeat, 30 days included.
const repeatWindow = 30 * 24 * time.Hour

func complaints(live []delivery, opts Options) []Complaint {
	const start = "opened"
	var all []Complaint
	for k, events := range byEntity(live) {
		t := newTimeline(events)
		o := t.origin(start)
		c := Complaint{
			Tenant: k.tenant, ComplaintID: k.entity, CustomerID: t.customer(start), Attributes: schemas.Attributes(o.Attributes), Labels: o.Labels,
			CaseID:    t.latest(func(s service) string { return s.CaseID }),
			Issue:     t.latest(func(s service) string { return s.Issue }),
			Severity:  t.latest(func(s service) string { return s.Severity }),
			Category:  t.latest(func(s service) string { return s.Category }),
			Reason:    t.latest(func(s service) string { return s.Reason }),
			Dimension: t.latest(func(s service) string { return s.Dimension }),
			Handling:  t.latest(func(s service) string { return s.Handling }),
			Reached:   t.reached, Due: t.due, OpenedAt: t.start(start), WasResolved: t.wasResolved, WasReopened: t.wasReopened,
		}
		for _, e := range t.events {
			if e.service.Timely != nil {
				c.Timely = e.service.Timely
			}
		}
		c.Durations = t.durations(c.OpenedAt, map[string]string{"resolved": "resolution"}, opts.Tenants[k.tenant])
		all = append(all, c)
	}
	for i := range all {
		all[i].Repeat = slices.ContainsFunc(all, all[i].repeats)
	}
	slices.SortFunc(all, func(a, b Complaint) int { return slices.Compare(a.key(), b.key()) })
	return all
}

// hasSubject says that the complaint is booked and of a known customer and issue.
func (c Complaint) hasSubject() bool { return c.OpenedAt != nil && c.CustomerID != "" && c.Issue != "" }

// repeats says that o makes c a repeat.
func (c Complaint) repeats(o Complaint) bool {
	if !c.hasSubject() || !o.hasSubject() || o.Tenant != c.Tenant || o.CustomerID != c.CustomerID || o.Issue != c.Issue {
		return false
	}
	before := o.OpenedAt.Before(*c.OpenedAt) || o.OpenedAt.Equal(*c.OpenedAt) && strings.Compare(o.ComplaintID, c.ComplaintID) < 0
	return before && c.OpenedAt.Sub(*o.OpenedAt) <= repeatWindow
}

func (c Complaint) key() []string { return []string{c.Tenant, c.ComplaintID} }
