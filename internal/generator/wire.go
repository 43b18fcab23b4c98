package generator

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/rapport-project/rapport/schemas"
)

// The types below are the contract's JSON, written down apart from the product's own types so that a mistake in one shows.

type cloudEvent struct {
	SpecVersion string `json:"specversion"`
	ID          string `json:"id"`
	Source      string `json:"source"`
	Type        string `json:"type"`
	Time        string `json:"time"`
	Tenant      string `json:"tenant,omitempty"`
	Revision    uint32 `json:"revision,omitempty"`
	Retracted   bool   `json:"retracted,omitempty"`
	Data        any    `json:"data,omitempty"`
}

type attributes struct {
	Region  string `json:"region,omitempty"`
	OrgUnit string `json:"org_unit,omitempty"`
	Product string `json:"product,omitempty"`
	Service string `json:"service,omitempty"`
	Channel string `json:"channel,omitempty"`
	Segment string `json:"segment,omitempty"`
	Agent   string `json:"agent,omitempty"`
}

type response struct {
	Attributes    *attributes       `json:"attributes,omitempty"`
	Labels        map[string]string `json:"labels,omitempty"`
	Questionnaire string            `json:"questionnaire"`
	Version       any               `json:"questionnaire_version,omitempty"`
	InvitationID  string            `json:"invitation_id,omitempty"`
	CustomerID    string            `json:"customer_id,omitempty"`
	Role          string            `json:"role,omitempty"`
	CaseID        string            `json:"case_id,omitempty"`
	ContactID     string            `json:"contact_id,omitempty"`
	Answers       []answer          `json:"answers,omitempty"`
	NPS           *int              `json:"nps,omitempty"`
	CES           *int              `json:"ces,omitempty"`
	Repurchase    *int              `json:"repurchase,omitempty"`
	Resolved      *bool             `json:"resolved_first_contact,omitempty"`
	Comment       string            `json:"comment,omitempty"`
	Unknown       string            `json:"x_app_build,omitempty"`
}

type answer struct {
	Item        string   `json:"item"`
	Score       *int     `json:"score"` // null is missing
	Expectation *int     `json:"expectation,omitempty"`
	Importance  *int     `json:"importance,omitempty"`
	Reasons     []string `json:"reasons,omitempty"`
	Comment     string   `json:"comment,omitempty"`
}

type invitation struct {
	Attributes    *attributes       `json:"attributes,omitempty"`
	Labels        map[string]string `json:"labels,omitempty"`
	Questionnaire string            `json:"questionnaire,omitempty"`
	CustomerID    string            `json:"customer_id,omitempty"`
	CaseID        string            `json:"case_id,omitempty"`
	InvitationID  string            `json:"invitation_id,omitempty"`
}

// retractedKeys is the least that a retraction may carry beside nothing at all.
type retractedKeys struct {
	CustomerID string `json:"customer_id,omitempty"`
	CaseID     string `json:"case_id,omitempty"`
}

// envelope is what deliveries of one story share.
type envelope struct {
	typ        schemas.Type
	tenant     string
	source, id string
	at         time.Time
	key        string
}

// event renders one delivery, published the given time after it happened.
func (v envelope) event(revision uint32, retracted bool, data any, delay time.Duration, rng *rand.Rand) Event {
	raw, err := json.Marshal(cloudEvent{
		SpecVersion: "1.0", ID: v.id, Source: v.source, Type: string(v.typ), Time: writeTime(v.at, rng),
		Tenant: v.tenant, Revision: revision, Retracted: retracted, Data: data,
	})
	if err != nil {
		panic(fmt.Sprintf("generator: an event of plain strings and numbers cannot be encoded: %v", err))
	}
	headers, value := structured(raw)
	return Event{
		JSON: raw, Topic: v.typ.Topic(), Key: v.key, Headers: headers, Value: value,
		Type: v.typ, Tenant: v.tenant, Source: v.source, ID: v.id, Time: v.at, Revision: revision, Retracted: retracted,
		Published: v.at.Add(delay),
	}
}

// writeTime writes one instant with any of the offsets apps use, since times are compared as instants.
func writeTime(at time.Time, rng *rand.Rand) string {
	offsets := []int{0, 0, 8 * 3600, -(3*3600 + 1800), 5*3600 + 2700}
	if s := pick(rng, offsets); s != 0 {
		return at.In(time.FixedZone("", s)).Format(time.RFC3339Nano)
	}
	return at.UTC().Format(time.RFC3339Nano)
}
