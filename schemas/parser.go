package schemas

import (
	"slices"
	"strings"
)

// Parser is Parse for the records of a stream, one after the other: it uses what it made for one event again for the next, and copies no bytes.
// The zero value is ready to use; it is for one goroutine at a time.
type Parser struct {
	d    decoder
	kept kept
}

// Parse reads a record as the function of that name does. The event, with all that it points to, is valid until the next call. Its strings but the
// tenant are parts of the record's value: they live on, and hold it, for as long as nobody changes its bytes.
func (p *Parser) Parse(r Record, o Options) (*Event, error) {
	p.d.kept = &p.kept
	e, invalid := p.d.parse(r, o)
	if invalid != nil {
		return nil, invalid
	}
	return e, nil
}

// TenantMember is what a structured event says of its tenant.
type TenantMember int

// An event without the member has the default tenant, as has one with null.
const (
	TenantAbsent TenantMember = iota
	TenantNull
	TenantStated
)

// Tenant is what the last record said of its tenant, if it was a structured event that was not refused.
func (p *Parser) Tenant() TenantMember { return p.d.tenant }

// Forget lets go of the last event and its bytes.
func (p *Parser) Forget() {
	tenants, answers := p.kept.tenants, p.kept.answers
	clear(answers[:cap(answers)])
	p.kept = kept{tenants: tenants, answers: answers}
	d := decoder{scratch: p.d.scratch, names: p.d.names, objects: p.d.objects}
	clear(d.names[:cap(d.names)])
	clear(d.objects[:cap(d.objects)])
	p.d = d
}

// kept is room for an event, used again for the next.
type kept struct {
	event      Event
	response   SurveyResponse
	answers    []Answer
	reasons    []string // empty, with what is left of a slab behind it
	invitation SurveyInvitation
	complaint  Complaint
	contact    Contact
	milestone  Milestone
	durations  [4]float64
	tenants    map[string]string
}

// room is a zero value: in what is kept, or a new one where nothing is.
func room[T any](k *kept, in func(*kept) *T) *T {
	if k == nil {
		return new(T)
	}
	v := in(k)
	*v = *new(T)
	return v
}

func (k *kept) someAnswers() []Answer {
	if k == nil || k.answers == nil {
		return make([]Answer, 0, 8)
	}
	return k.answers[:0]
}

// manyAnswers are not kept for the next event.
const manyAnswers = 256

func (k *kept) keepAnswers(answers []Answer) {
	if k != nil && cap(answers) > 0 && cap(answers) <= manyAnswers {
		k.answers = answers
	}
}

// slabReasons are room for the reasons of many answers, which live on in what is made of them: each slice is cut off the front of what is left.
const slabReasons = 512

func (k *kept) someReasons() []string {
	if k == nil {
		return nil
	}
	if cap(k.reasons) == 0 {
		k.reasons = make([]string, 0, slabReasons)
	}
	return k.reasons
}

func (k *kept) keepReasons(reasons []string) []string {
	if n := len(reasons); k != nil && n > 0 {
		if k.reasons = k.reasons[:0]; n < cap(k.reasons) {
			k.reasons = reasons[n:n]
		} else {
			k.reasons = nil
		}
	}
	return slices.Clip(reasons)
}

func (k *kept) duration(i int) *float64 {
	if k == nil {
		return nil
	}
	return &k.durations[i]
}

// manyTenants are remembered at most, so that made-up ones take no memory.
const manyTenants = 1024

// tenant is a name of its own: it lives on as a map key here and there, where it must not hold the record.
func (k *kept) tenant(name string) string {
	if k == nil {
		return strings.Clone(name)
	}
	if known, ok := k.tenants[name]; ok {
		return known
	}
	name = strings.Clone(name)
	if k.tenants == nil || len(k.tenants) >= manyTenants {
		k.tenants = map[string]string{}
	}
	k.tenants[name] = name
	return name
}
