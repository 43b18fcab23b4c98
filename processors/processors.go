package processors

import (
	"cmp"
	"fmt"
	"time"

	"github.com/rapport-project/rapport/questionnaires"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/tenants"
)

// Definitions are what processors know beside the event.
type Definitions struct {
	Questionnaires *questionnaires.Catalog
	Tenants        *tenants.Settings
	// SealHorizon is how old an event may be when its record is appended before it is late; 0: never late.
	SealHorizon time.Duration
	// DefaultTenant owns events that name none; "": such are refused.
	DefaultTenant string
}

// Output collects what a batch of events becomes. The zero value is ready to use.
type Output struct {
	Responses   []schemas.SurveyFact
	Invitations []schemas.InvitationFact
	Contacts    []schemas.ContactFact
	Milestones  []schemas.MilestoneFact
	Complaints  []schemas.ComplaintFact
	// Stale are the days whose figures the batch changes.
	Stale map[schemas.Day]struct{}
	// StaleEntities are the chains, cases and complaints that the batch changes, each with the stretch of time in which.
	StaleEntities map[schemas.Entity]schemas.Span
	// Room for what the rows point to; nil allocates it for each row.
	Room *Room
}

// Clear empties the output, to be filled again in the same memory. What was made of it must not be used any more.
func (o *Output) Clear() {
	room := cmp.Or(o.Room, &Room{})
	room.Clear()
	*o = Output{
		Responses: emptied(o.Responses), Invitations: emptied(o.Invitations), Contacts: emptied(o.Contacts),
		Milestones: emptied(o.Milestones), Complaints: emptied(o.Complaints), Room: room,
	}
}

// ClearResponses takes the survey facts back, and what they are made of: nobody may use them any more. All else stays.
func (o *Output) ClearResponses() {
	o.Responses = emptied(o.Responses)
	if o.Room != nil && len(o.Contacts) == 0 { // whose durations are in the room too
		o.Room.clearSlabs()
	}
}

// emptied is a slice without its elements, and without what they point to.
func emptied[T any](s []T) []T {
	clear(s)
	return s[:0]
}

// StaleDays are the days of Stale, in no particular order.
func (o *Output) StaleDays() []schemas.Day {
	days := make([]schemas.Day, 0, len(o.Stale))
	for day := range o.Stale {
		days = append(days, day)
	}
	return days
}

func (o *Output) markStale(t *tenantRoom, at time.Time) {
	if !t.mark(at) {
		return
	}
	if o.Stale == nil {
		o.Stale = map[schemas.Day]struct{}{}
	}
	o.Stale[schemas.Day{Tenant: t.ID, Date: t.Day(at)}] = struct{}{}
}

func (o *Output) markEntity(e schemas.Entity, at time.Time) {
	if o.StaleEntities == nil {
		o.StaleEntities = map[schemas.Entity]schemas.Span{}
	}
	span := o.StaleEntities[e]
	span.Include(at)
	o.StaleEntities[e] = span
}

// processor is what is done with the events of one type.
type processor struct {
	// check is the verdict that needs definitions, beyond what schemas.Parse gives; nil: there is none.
	check func(*schemas.Event, *Definitions) *schemas.InvalidError
	// process appends the event's rows.
	process func(e *schemas.Event, tenant *tenantRoom, room *Room, d *Definitions, out *Output) *schemas.InvalidError
}

// registered is the processor of a type. Every type of the contract has its line here.
func registered(t schemas.Type) (p processor, known bool) {
	switch t {
	case schemas.TypeSurveyResponse:
		return processor{check: checkResponse, process: processResponse}, true
	case schemas.TypeSurveyInvitation:
		return processor{check: checkInvitation, process: processInvitation}, true
	case schemas.TypeContact:
		return processor{check: checkContact, process: processContact}, true
	case schemas.TypeMilestone:
		return processor{check: checkMilestone, process: processMilestone}, true
	case schemas.TypeComplaint:
		return processor{check: checkComplaint, process: processComplaint}, true
	}
	return processor{}, false
}

// Process appends what an event becomes to out. The error is a *schemas.InvalidError, and out is then unchanged.
func Process(e *schemas.Event, d *Definitions, out *Output) error {
	p, tenant, invalid := prepare(e, d)
	if invalid != nil {
		return invalid
	}
	room := out.Room
	if room == nil {
		room = &Room{}
	}
	if invalid := p.process(e, room.tenant(tenant, d), room, d, out); invalid != nil {
		return invalid
	}
	return nil
}

// Check gives the verdict of Process without its rows; the error is a *schemas.InvalidError.
func Check(e *schemas.Event, d *Definitions) error {
	p, _, invalid := prepare(e, d)
	if invalid == nil && p.check != nil {
		invalid = p.check(e, d)
	}
	if invalid != nil {
		return invalid
	}
	return nil
}

func prepare(e *schemas.Event, d *Definitions) (processor, string, *schemas.InvalidError) {
	p, known := registered(e.Type)
	if !known {
		return p, "", &schemas.InvalidError{Reason: schemas.UnknownType, Field: "/type", Detail: fmt.Sprintf("there is no type %.80q", string(e.Type))}
	}
	tenant := d.TenantOf(e)
	if tenant == "" {
		return p, "", &schemas.InvalidError{Reason: schemas.MissingTenant, Field: "/tenant", Detail: "the event names no tenant and there is no default"}
	}
	return p, tenant, nil
}

// TenantOf is whose event it is: the tenant it names, else the default; "" where there is neither.
func (d *Definitions) TenantOf(e *schemas.Event) string {
	if e.Tenant != "" {
		return e.Tenant
	}
	return d.DefaultTenant
}

// Late says whether an event happened more than the horizon before its record was appended at the given time. Both are in the record,
// so the verdict is the same at every delivery. A horizon of 0: never.
func Late(e *schemas.Event, appended time.Time, horizon time.Duration) bool {
	return horizon > 0 && e.Time.Before(appended.Add(-horizon))
}
