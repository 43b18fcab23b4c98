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
	c := canonical(d.scratch[:0])
	c.string(string(e.Type))
	c.time(e.Time)
	c.bool(e.Retracted)
	switch v := e.Data.(type) {
	case *SurveyResponse:
		c.surveyResponse(v)
	case *SurveyInvitation:
		c.common(v.Attributes, v.Labels)
		c.strings(v.Questionnaire, v.CustomerID, v.CaseID, v.InvitationID)
	case *Complaint:
		c.common(v.Attributes, v.Labels)
		c.strings(v.ComplaintID, v.Phase, v.CustomerID, v.CaseID, v.Issue, v.Severity, v.Category, v.Reason, v.Dimension, v.Handling)
		c.due(v.Due)
		c.optionalBool(v.Timely)
	case *Contact:
		c.contact(v)
	case *Milestone:
		c.common(v.Attributes, v.Labels)
		c.strings(v.CaseID, v.Milestone, v.CustomerID)
		c.due(v.Due)
	}
	d.scratch = c
	return xxhash.Sum64(c)
}

// canonical is an encoding under construction.
type canonical []byte

func (c *canonical) surveyResponse(v *SurveyResponse) {
	c.common(v.Attributes, v.Labels)
	c.strings(v.Questionnaire, v.QuestionnaireVersion, v.InvitationID, v.CustomerID, v.Role, v.CaseID, v.ContactID, v.Comment)
	optionalInt(c, v.NPS)
	optionalInt(c, v.CES)
	optionalInt(c, v.Repurchase)
	c.optionalBool(v.ResolvedFirstContact)
	c.length(len(v.Answers))
	for _, a := range v.Answers {
		c.strings(a.Item, a.Comment)
		optionalInt(c, a.Score)
		optionalInt(c, a.Expectation)
		optionalInt(c, a.Importance)
		c.length(len(a.Reasons))
		c.strings(a.Reasons...)
	}
}

func (c *canonical) contact(v *Contact) {
	c.common(v.Attributes, v.Labels)
	c.strings(v.CustomerID, v.Issue, v.CaseID, v.Direction)
	c.bool(v.Answered)
	c.optionalBool(v.Resolved)
	for _, f := range [...]*float64{v.WaitSeconds, v.TalkSeconds, v.HoldSeconds, v.WrapSeconds} {
		c.bool(f != nil)
		if f != nil {
			*c = binary.LittleEndian.AppendUint64(*c, math.Float64bits(*f))
		}
	}
	c.bool(v.Transferred)
}

func (c *canonical) common(a Attributes, l Labels) {
	c.strings(a.Region, a.OrgUnit, a.Product, a.Service, a.Channel, a.Segment, a.Agent)
	c.length(len(l))
	for _, name := range sortedKeys(l) {
		c.strings(name, l[name])
	}
}

func (c *canonical) due(due map[string]time.Time) {
	c.length(len(due))
	for _, name := range sortedKeys(due) {
		c.string(name)
		c.time(due[name])
	}
}

func sortedKeys[V any](m map[string]V) []string {
	if len(m) == 0 {
		return nil
	}
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func (c *canonical) length(n int) { *c = binary.AppendUvarint(*c, uint64(n)) }
func (c *canonical) time(t time.Time) {
	*c = binary.LittleEndian.AppendUint64(*c, uint64(t.UnixMicro()))
}

func (c *canonical) string(s string) {
	c.length(len(s))
	*c = append(*c, s...)
}

func (c *canonical) strings(all ...string) {
	for _, s := range all {
		c.string(s)
	}
}

func (c *canonical) bool(b bool) {
	if b {
		*c = append(*c, 1)
	} else {
		*c = append(*c, 0)
	}
}

func (c *canonical) optionalBool(b *bool) {
	c.bool(b != nil)
	if b != nil {
		c.bool(*b)
	}
}

func optionalInt[T int8 | int16](c *canonical, n *T) {
	c.bool(n != nil)
	if n != nil {
		*c = binary.AppendVarint(*c, int64(*n))
	}
}
