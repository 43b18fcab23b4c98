package explorer

import (
	"time"

	"github.com/rapport-project/rapport/outcomes"
	"github.com/rapport-project/rapport/schemas"
)

// Names of milestones.
const (
	isRequested uint8 = iota
	isReopened
	isResolved
)

func milestone(what uint8) string {
	switch what {
	case isRequested:
		return "requested"
	case isReopened:
		return "reopened"
	}
	return "resolved"
}

var origin = time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)

func at(minutes int16) time.Time { return origin.Add(time.Duration(minutes) * time.Minute) }

func minutesOf(k key, f fact) int16 {
	m := int16(k.hour) * 60
	if f.half {
		m += 30
	}
	return m
}

// name of an id or entity, of one letter.
func name(i uint8) string { return "0123456789"[i : i+1] }

// contactsOf are the contacts of a chain as the table sorted by chain has them.
func (t *tables) contactsOf(chain uint8) []schemas.ContactFact {
	var facts []schemas.ContactFact
	for id := range uint8(ids) {
		for hour := range uint8(hours) {
			k := key{contacts, id, hour, chain}
			f := t.byEntity[k.cell()]
			if f.revision == 0 {
				continue
			}
			resolved := f.what != 0
			facts = append(facts, schemas.ContactFact{
				Identity:   schemas.Identity{ID: name(id), Hour: at(int16(hour) * 60)},
				Version:    schemas.Version{Revision: uint32(f.revision), Payload: uint64(f.payload), Retracted: f.retracted},
				OccurredAt: at(minutesOf(k, f)), Chain: name(chain), Direction: "inbound", Answered: true, Resolved: &resolved,
				Superseded: f.superseded,
			})
			if f.caseID > 0 {
				facts[len(facts)-1].CaseID = name(f.caseID)
			}
		}
	}
	return facts
}

// milestonesOf are the milestones of a case.
func (t *tables) milestonesOf(id uint8) []schemas.MilestoneFact {
	var facts []schemas.MilestoneFact
	for event := range uint8(ids) {
		for hour := range uint8(hours) {
			k := key{milestones, event, hour, id}
			if f := t.byEntity[k.cell()]; f.revision > 0 {
				facts = append(facts, schemas.MilestoneFact{
					Identity:   schemas.Identity{ID: name(event), Hour: at(int16(hour) * 60)},
					Version:    schemas.Version{Revision: uint32(f.revision), Payload: uint64(f.payload), Retracted: f.retracted},
					OccurredAt: at(minutesOf(k, f)), CaseID: name(id), Milestone: milestone(f.what), Superseded: f.superseded,
				})
			}
		}
	}
	return facts
}

// reopened are the times at which cases were reopened, by their number among contacts.
func (t *tables) reopened() (times [entities + 1][]time.Time) {
	for id := range uint8(ids) {
		for hour := range uint8(hours) {
			for c := range uint8(entities) {
				k := key{milestones, id, hour, c}
				if f := t.byEntity[k.cell()]; f.live() && f.what == isReopened {
					times[c+1] = append(times[c+1], at(minutesOf(k, f)))
				}
			}
		}
	}
	return times
}

func rulesOf(window int16) outcomes.Rules {
	return outcomes.Rules{Window: time.Duration(window) * time.Minute}
}

// chainOf is what contacts come to.
func chainOf(facts []schemas.ContactFact, reopened *[entities + 1][]time.Time, window int16) []schemas.ContactOutcome {
	return outcomes.Chain(facts, func(id string) []time.Time { return reopened[id[0]-'0'] }, rulesOf(window))
}

// cellOf is where the outcome of a contact is stored.
func cellOf(o *schemas.ContactOutcome) int {
	return key{contacts, o.ID[0] - '0', uint8(o.Hour.Sub(origin) / time.Hour), o.Chain[0] - '0'}.cell()
}

// contactRow is the outcome of a contact as stored.
func contactRow(o *schemas.ContactOutcome) outcome {
	row := outcome{present: true, day: -1, source: mix(uint64(o.Revision), o.Payload, yes(o.Superseded))}
	if !o.Live {
		return row
	}
	row.day = int8(o.Hour.Sub(origin) / time.Hour / hoursOfDay)
	next := int64(-1)
	if o.NextMicros != nil {
		next = *o.NextMicros
	}
	row.digest = mix(o.Payload, uint64(next), uint64(o.Episode), uint64(len(o.FCR)), uint64(len(o.FCRReason)), yes(o.First), yes(o.Later))
	return row
}

func yes(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// caseRow is the outcome of a case as stored.
func caseRow(facts []schemas.MilestoneFact, window int16) outcome {
	c := outcomes.Case(facts, rulesOf(window))
	row := outcome{present: len(facts) > 0, day: -1}
	if c.RequestedAt != nil {
		row.day = int8(c.RequestedAt.Sub(origin) / time.Hour / hoursOfDay)
	}
	row.digest = mix(yes(c.Live), yes(c.WasResolved), yes(c.WasReopened))
	for i, when := range c.ReachedAt {
		row.digest = mix(row.digest, uint64(len(c.Reached[i])), uint64(when.Sub(origin)))
	}
	return row
}
