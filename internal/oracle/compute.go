package oracle

import (
	"fmt"
	"slices"
	"time"

	"github.com/rapport-project/rapport/schemas"
)

// Tenant is what of a tenant's settings shapes its rollups.
type Tenant struct {
	// Zone bounds the tenant's days; nil is UTC.
	Zone *time.Location
	// Pairs are the cuts by two attributes, such as {"region", "product"}, each pair in the order of the seven attributes.
	Pairs [][2]string
	// WindowDays is the window of first-contact resolution in days of 24 hours; 0 is 7.
	WindowDays int
	// ServiceLevelSeconds is the longest wait that counts as answered in time; 0 is 20.
	ServiceLevelSeconds int
	// Working is the working time in [from, to); nil: the tenant has no business calendar.
	Working func(from, to time.Time) time.Duration
}

func (t Tenant) window() time.Duration {
	if t.WindowDays == 0 {
		return 7 * 24 * time.Hour
	}
	return time.Duration(t.WindowDays) * 24 * time.Hour
}

func (t Tenant) serviceLevel() time.Duration {
	if t.ServiceLevelSeconds == 0 {
		return 20 * time.Second
	}
	return time.Duration(t.ServiceLevelSeconds) * time.Second
}

// Options are what the oracle knows beside the events.
type Options struct {
	// Tenants by id; one that is not named has the zero settings.
	Tenants map[string]Tenant
	// DefaultTenant is whose events without a tenant are.
	DefaultTenant string
	// Questionnaires are the definitions; nil means Shipped. Where an id has several versions, an event that states none takes
	// the first: the oracle does not know from when a version holds.
	Questionnaires []Questionnaire
	// Payload hashes one event, as the contract defines it; nil means by schemas.Parse.
	Payload func(raw []byte) (uint64, error)
}

// Fact is the winner among all deliveries of one identity.
type Fact struct {
	Identity
	Entity        string    // chain, case or complaint it belongs to; '' for surveys
	At            time.Time // UTC, whole microseconds
	Revision      int64
	Payload       uint64
	Retracted     bool
	Questionnaire string
	Version       string
	CustomerID    string
	Role          string
	Attributes    schemas.Attributes
	// Score and what follows are of responses that are not retracted; absent numbers are nil.
	Score      Score
	NPS        *int64
	CES        *int64
	Repurchase *int64
	Resolved   *bool
}

// Counts are what the quality view says of the events accepted.
type Counts struct {
	// Identities is the number of distinct events, retracted ones too.
	Identities int
	// Revisions is the number of (identity, revision) beyond the first of each identity.
	Revisions int
	// Conflicts is the number of (identity, revision) that came with more than one payload.
	Conflicts int
	// TwoHours is the number of identities that came under more than one hour.
	TwoHours int
	// TwoPlaces is the number of identities that came under more than one hour or entity.
	TwoPlaces int
}

// Result is what the system must hold once it has come to rest.
type Result struct {
	// Facts are the winners by identity, retracted ones included.
	Facts map[Identity]Fact
	// Satisfaction and what follows are the expected rows of the rollup tables of responses, sorted by tenant, cut and day.
	Satisfaction []Row
	Dimensions   []Row
	Scores       []Row
	Reasons      []Row
	// Contacts, Cases and Complaints are the outcomes of what is live, sorted by their keys.
	Contacts   []Contact
	Cases      []Case
	Complaints []Complaint
	// Service are the expected rows of the rollup tables of contacts, cases and complaints, sorted by table, tenant, cut and day.
	Service []Row
	// Counts are of all events, CountsByType of those of each type.
	Counts       Counts
	CountsByType map[string]Counts
}

// Rows are the expected rows of all rollup tables, to be compared with what Load reads.
func (r Result) Rows() []Row {
	return slices.Concat(r.Satisfaction, r.Dimensions, r.Scores, r.Reasons, r.Service)
}

// Surviving is the number of responses that count as events: those whose winner is not retracted.
func (r Result) Surviving() int {
	n := 0
	for id, f := range r.Facts {
		if id.Type == string(schemas.TypeSurveyResponse) && !f.Retracted {
			n++
		}
	}
	return n
}

// Compute folds structured CloudEvents, in whatever order and however often each comes, into the expected result. All of
// them must be usable: an event that ought to have been refused is an error.
func Compute(raw [][]byte, opts Options) (Result, error) {
	if opts.Questionnaires == nil {
		opts.Questionnaires = Shipped()
	}
	if opts.Payload == nil {
		opts.Payload = parsedPayload(opts.DefaultTenant)
	}
	seen := map[string]bool{}
	deliveries := map[Identity][]delivery{}
	for i, r := range raw {
		// A duplicate changes nothing, so the bytes seen before need no second reading.
		if seen[string(r)] {
			continue
		}
		seen[string(r)] = true
		d, err := read(r, opts)
		if err != nil {
			return Result{}, fmt.Errorf("event %d: %w", i, err)
		}
		deliveries[d.Identity] = append(deliveries[d.Identity], d)
	}

	result := Result{Facts: make(map[Identity]Fact, len(deliveries)), CountsByType: map[string]Counts{}}
	days := newDays(opts)
	live := map[schemas.Type][]delivery{}
	for id, ds := range deliveries {
		result.Counts.add(ds)
		counts := result.CountsByType[id.Type]
		counts.add(ds)
		result.CountsByType[id.Type] = counts
		winner := ds[0]
		for _, d := range ds[1:] {
			if winner.before(d) {
				winner = d
			}
		}
		fact, err := newFact(winner, opts)
		if err != nil {
			return Result{}, fmt.Errorf("event %s of %s: %w", id.ID, id.Source, err)
		}
		result.Facts[id] = fact
		if !fact.Retracted {
			live[schemas.Type(id.Type)] = append(live[schemas.Type(id.Type)], winner)
		}
		// Invitations change no rollup, so they make no day stale; contacts, milestones and complaints have outcomes in between.
		if id.Type != string(schemas.TypeSurveyResponse) {
			continue
		}
		for _, d := range ds {
			days.touch(d.Tenant, d.at)
		}
		if !fact.Retracted {
			days.add(fact)
		}
	}
	result.Satisfaction, result.Dimensions = days.satisfaction.rows(), days.dimensions.rows()
	result.Scores, result.Reasons = days.scores.rows(), days.reasons.rows()
	result.Contacts = contacts(live[schemas.TypeContact], live[schemas.TypeMilestone], opts)
	result.Cases = cases(live[schemas.TypeMilestone], opts)
	result.Complaints = complaints(live[schemas.TypeComplaint], opts)
	result.Service = serviceRows(result, opts)
	return result, nil
}

func (c *Counts) add(ds []delivery) {
	payloads := map[int64]map[uint64]bool{}
	hours := map[time.Time]bool{}
	type place struct {
		hour   time.Time
		entity string
	}
	places := map[place]bool{}
	for _, d := range ds {
		if payloads[d.revision] == nil {
			payloads[d.revision] = map[uint64]bool{}
		}
		payloads[d.revision][d.payload] = true
		hours[d.hour()] = true
		places[place{d.hour(), d.entity}] = true
	}
	c.Identities++
	c.Revisions += len(payloads) - 1
	for _, p := range payloads {
		if len(p) > 1 {
			c.Conflicts++
		}
	}
	if len(hours) > 1 {
		c.TwoHours++
	}
	if len(places) > 1 {
		c.TwoPlaces++
	}
}

func newFact(d delivery, opts Options) (Fact, error) {
	f := Fact{
		Identity: d.Identity, Entity: d.entity, At: d.at, Revision: d.revision, Payload: d.payload, Retracted: d.retracted,
		Questionnaire: d.data.Questionnaire, Version: string(d.data.Version), Role: d.data.Role,
		CustomerID: d.data.CustomerID, Attributes: schemas.Attributes(d.data.Attributes),
	}
	switch schemas.Type(d.Type) {
	case schemas.TypeContact, schemas.TypeMilestone, schemas.TypeComplaint:
		f.CustomerID, f.Attributes = d.service.CustomerID, schemas.Attributes(d.service.Attributes)
	}
	if d.retracted || d.Type != string(schemas.TypeSurveyResponse) {
		return f, nil
	}
	q, err := find(opts.Questionnaires, f.Questionnaire, f.Version)
	if err != nil {
		return Fact{}, err
	}
	f.Version = q.Version
	if f.Score, err = q.score(d.data.Answers); err != nil {
		return Fact{}, err
	}
	f.NPS, f.CES, f.Repurchase, f.Resolved = d.data.NPS.pointer(), d.data.CES.pointer(), d.data.Repurchase.pointer(), d.data.Resolved
	return f, nil
}

func find(qs []Questionnaire, id, version string) (Questionnaire, error) {
	for _, q := range qs {
		if q.ID == id && (version == "" || version == q.Version) {
			return q, nil
		}
	}
	return Questionnaire{}, fmt.Errorf("no questionnaire %q version %q", id, version)
}

func (w whole) pointer() *int64 {
	if !w.set {
		return nil
	}
	return &w.value
}
