package oracle

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/big"
	"time"

	"github.com/rapport-project/rapport/schemas"
)

// Identity is what makes two deliveries the same event. The types are kept apart, as their tables are.
type Identity struct {
	Type, Tenant, Source, ID string
}

// delivery is one distinct content under an identity.
type delivery struct {
	Identity
	at        time.Time // UTC, whole microseconds
	revision  int64
	retracted bool
	payload   uint64
	entity    string   // chain, case or complaint it belongs to; '' for surveys
	data      response // of surveys
	service   service  // of contacts, milestones and complaints
}

// before says whether a newer delivery o replaces d: revision first, then payload, never arrival. Hours and entities only tell
// apart two contents that share a hash.
func (d delivery) before(o delivery) bool {
	return cmp.Or(
		cmp.Compare(d.revision, o.revision), cmp.Compare(d.payload, o.payload), d.hour().Compare(o.hour()), cmp.Compare(d.entity, o.entity),
	) < 0
}

func (d delivery) hour() time.Time { return d.at.Truncate(time.Hour) }

type envelope struct {
	ID        string          `json:"id"`
	Source    string          `json:"source"`
	Type      string          `json:"type"`
	Time      time.Time       `json:"time"`
	Tenant    string          `json:"tenant"`
	Revision  whole           `json:"revision"`
	Retracted bool            `json:"retracted"`
	Data      json.RawMessage `json:"data"`
}

type attributes struct {
	Region  string `json:"region"`
	OrgUnit string `json:"org_unit"`
	Product string `json:"product"`
	Service string `json:"service"`
	Channel string `json:"channel"`
	Segment string `json:"segment"`
	Agent   string `json:"agent"`
}

type response struct {
	Attributes    attributes `json:"attributes"`
	Questionnaire string     `json:"questionnaire"`
	Version       version    `json:"questionnaire_version"`
	CustomerID    string     `json:"customer_id"`
	Role          string     `json:"role"`
	Answers       []answer   `json:"answers"`
	NPS           whole      `json:"nps"`
	CES           whole      `json:"ces"`
	Repurchase    whole      `json:"repurchase"`
	Resolved      *bool      `json:"resolved_first_contact"`
}

type answer struct {
	Item        string `json:"item"`
	Score       whole  `json:"score"`
	Expectation whole  `json:"expectation"`
	Importance  whole  `json:"importance"`

	Reasons []string `json:"reasons"`
}

// whole is an integer that may be absent or null, and may be written 8.0, as JSON Schema allows.
type whole struct {
	value int64
	set   bool
}

func (w *whole) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	r, ok := new(big.Rat).SetString(string(b))
	if !ok || !r.IsInt() || !r.Num().IsInt64() {
		return fmt.Errorf("%s is not a whole number", b)
	}
	w.value, w.set = r.Num().Int64(), true
	return nil
}

// version is a questionnaire version, written as a string or as an integer.
type version string

func (v *version) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, (*string)(v))
	}
	var w whole
	if err := w.UnmarshalJSON(b); err != nil {
		return err
	}
	if w.set {
		*v = version(fmt.Sprint(w.value))
	}
	return nil
}

// read takes one structured CloudEvent apart.
func read(raw []byte, opts Options) (delivery, error) {
	var e envelope
	if err := json.Unmarshal(raw, &e); err != nil {
		return delivery{}, fmt.Errorf("envelope: %w", err)
	}
	if e.Tenant == "" {
		e.Tenant = opts.DefaultTenant
	}
	d := delivery{
		Identity:  Identity{Type: e.Type, Tenant: e.Tenant, Source: e.Source, ID: e.ID},
		at:        e.Time.UTC().Truncate(time.Microsecond),
		revision:  e.Revision.value,
		retracted: e.Retracted,
	}
	var err error
	switch schemas.Type(e.Type) {
	case schemas.TypeSurveyResponse, schemas.TypeSurveyInvitation:
		// What a retraction still carries does not matter, and it may carry anything from nothing to the whole response.
		if !e.Retracted {
			err = json.Unmarshal(e.Data, &d.data)
		}
		if d.data.Role == "" {
			d.data.Role = "customer"
		}
	case schemas.TypeContact, schemas.TypeMilestone, schemas.TypeComplaint:
		// A retraction without keys is of another entity than the event it takes back.
		if len(e.Data) > 0 || !e.Retracted {
			err = json.Unmarshal(e.Data, &d.service)
		}
		d.entity = d.service.entity(d.Identity)
	default:
		return delivery{}, fmt.Errorf("type %q of %s is none of the contract", e.Type, e.ID)
	}
	if err != nil {
		return delivery{}, fmt.Errorf("data of %s: %w", e.ID, err)
	}
	if d.payload, err = opts.Payload(raw); err != nil {
		return delivery{}, fmt.Errorf("payload of %s: %w", e.ID, err)
	}
	return d, nil
}
