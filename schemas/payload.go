package schemas

import (
	"encoding/binary"
	"math"
	"slices"
	"time"

	"github.com/cespare/xxhash/v2"
)

// payload hashes what the contract knows of an event, in one fixed order. Every string and list goes in behind its length and
// every optional value behind a byte that says whether it is there, so that different contents have different encodings.
// Identity and revision stay out: the hash only has to tell apart the deliveries of one identity and revision. This
// encoding is stored as part of facts' versions: a change of it needs all facts replayed.
func (d *decoder) payload(e *Event) uint64 {
	c := canonical(d.scratch[:0]).string(string(e.Type)).time(e.Time).bool(e.Retracted)
	switch v := e.Data.(type) {
	case *SurveyResponse:
		c = c.surveyResponse(v)
	case *SurveyInvitation:
		c = c.common(&v.Attributes, v.Labels).string(v.Questionnaire).string(v.CustomerID).string(v.CaseID).string(v.InvitationID)
	case *Complaint:
		c = c.common(&v.Attributes, v.Labels)
		c = c.strings(v.ComplaintID, v.Phase, v.CustomerID, v.CaseID, v.Issue, v.Severity, v.Category, v.Reason, v.Dimension, v.Handling)
		c = c.due(v.Due).optionalBool(v.Timely)
	case *Contact:
		c = c.contact(v)
	case *Milestone:
		c = c.common(&v.Attributes, v.Labels).string(v.CaseID).string(v.Milestone).string(v.CustomerID).due(v.Due)
	}
	d.scratch = c
	return xxhash.Sum64(c)
}

// canonical is an encoding under construction. Its methods return it longer: to write it back behind a pointer each time costs more than the bytes.
type canonical []byte

func (c canonical) surveyResponse(v *SurveyResponse) canonical {
	c = c.common(&v.Attributes, v.Labels)
	c = c.string(v.Questionnaire).string(v.QuestionnaireVersion).string(v.InvitationID).string(v.CustomerID)
	c = c.string(v.Role).string(v.CaseID).string(v.ContactID).string(v.Comment)
	c = optionalInt(c, v.NPS)
	c = optionalInt(c, v.CES)
	c = optionalInt(c, v.Repurchase)
	c = c.optionalBool(v.ResolvedFirstContact).length(len(v.Answers))
	for i := range v.Answers {
		a := &v.Answers[i]
		c = c.string(a.Item).string(a.Comment)
		c = optionalInt(c, a.Score)
		c = optionalInt(c, a.Expectation)
		c = optionalInt(c, a.Importance)
		c = c.length(len(a.Reasons)).strings(a.Reasons...)
	}
	return c
}

func (c canonical) contact(v *Contact) canonical {
	c = c.common(&v.Attributes, v.Labels).string(v.CustomerID).string(v.Issue).string(v.CaseID).string(v.Direction)
	c = c.bool(v.Answered).optionalBool(v.Resolved)
	for _, f := range [...]*float64{v.WaitSeconds, v.TalkSeconds, v.HoldSeconds, v.WrapSeconds} {
		if c = c.bool(f != nil); f != nil {
			c = binary.LittleEndian.AppendUint64(c, math.Float64bits(*f))
		}
	}
	return c.bool(v.Transferred)
}

func (c canonical) common(a *Attributes, l Labels) canonical {
	c = c.string(a.Region).string(a.OrgUnit).string(a.Product).string(a.Service).string(a.Channel).string(a.Segment).string(a.Agent)
	c = c.length(len(l))
	var few [8]string
	for _, name := range sortedKeys(few[:0], l) {
		c = c.string(name).string(l[name])
	}
	return c
}

func (c canonical) due(due map[string]time.Time) canonical {
	c = c.length(len(due))
	var few [16]string
	for _, name := range sortedKeys(few[:0], due) {
		c = c.string(name).time(due[name])
	}
	return c
}

// sortedKeys appends the keys of m to room.
func sortedKeys[V any](room []string, m map[string]V) []string {
	if len(m) == 0 {
		return nil
	}
	for k := range m {
		room = append(room, k)
	}
	slices.Sort(room)
	return room
}

func (c canonical) length(n int) canonical {
	if n < 0x80 {
		return append(c, byte(n))
	}
	return binary.AppendUvarint(c, uint64(n))
}

func (c canonical) time(t time.Time) canonical {
	return binary.LittleEndian.AppendUint64(c, uint64(t.UnixMicro()))
}

func (c canonical) string(s string) canonical { return append(c.length(len(s)), s...) }

func (c canonical) strings(all ...string) canonical {
	for _, s := range all {
		c = c.string(s)
	}
	return c
}

func (c canonical) bool(b bool) canonical {
	if b {
		return append(c, 1)
	}
	return append(c, 0)
}

func (c canonical) optionalBool(b *bool) canonical {
	if b == nil {
		return append(c, 0)
	}
	return append(c, 1).bool(*b)
}

func optionalInt[T int8 | int16](c canonical, n *T) canonical {
	if n == nil {
		return append(c, 0)
	}
	return binary.AppendVarint(append(c, 1), int64(*n))
}
