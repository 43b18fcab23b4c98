package schemas

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// MarshalStructured writes an event as a structured CloudEvent. What is absent, or as by default, is left out, but for
// answered, role and direction, which say more when they are there. Strings must be UTF-8 and times of the years 0 to 9999.
func MarshalStructured(e *Event) []byte {
	w := writer{buf: make([]byte, 0, 512)}
	w.open()
	w.text("specversion", "1.0")
	w.text("id", e.ID)
	w.text("source", e.Source)
	w.text("type", string(e.Type))
	w.time("time", e.Time)
	w.optional("tenant", e.Tenant)
	if e.Revision > 0 {
		w.name("revision")
		w.buf = strconv.AppendUint(w.buf, uint64(e.Revision), 10)
	}
	if e.Retracted {
		w.boolean("retracted", true)
	}
	w.text("datacontenttype", "application/json")
	if e.Data != nil {
		w.name("data")
		w.data(e.Data)
	}
	w.close('}')
	return w.buf
}

// MarshalBinary writes an event as a record of binary mode, without append time.
func MarshalBinary(e *Event) Record {
	r := Record{Headers: []Header{
		{Name: "content-type", Value: []byte("application/json")},
		{Name: "ce_specversion", Value: []byte("1.0")},
		{Name: "ce_id", Value: []byte(e.ID)},
		{Name: "ce_source", Value: []byte(e.Source)},
		{Name: "ce_type", Value: []byte(e.Type)},
		{Name: "ce_time", Value: []byte(e.Time.UTC().Format(time.RFC3339Nano))},
	}}
	if e.Tenant != "" {
		r.Headers = append(r.Headers, Header{Name: "ce_tenant", Value: []byte(e.Tenant)})
	}
	if e.Revision > 0 {
		r.Headers = append(r.Headers, Header{Name: "ce_revision", Value: strconv.AppendUint(nil, uint64(e.Revision), 10)})
	}
	if e.Retracted {
		r.Headers = append(r.Headers, Header{Name: "ce_retracted", Value: []byte("true")})
	}
	if e.Data != nil {
		w := writer{}
		w.data(e.Data)
		r.Value = w.buf
	}
	return r
}

// writer appends JSON; first says that no member was written yet in the object or array at hand.
type writer struct {
	buf   []byte
	first bool
}

func (w *writer) open() {
	w.buf = append(w.buf, '{')
	w.first = true
}

func (w *writer) close(bracket byte) {
	w.buf = append(w.buf, bracket)
	w.first = false
}

func (w *writer) comma() {
	if !w.first {
		w.buf = append(w.buf, ',')
	}
	w.first = false
}

// quote cannot fail but for invalid UTF-8, which then becomes the replacement character.
func (w *writer) quote(s string) {
	w.buf, _ = jsontext.AppendQuote(w.buf, s)
}

func (w *writer) name(name string) {
	w.comma()
	w.quote(name)
	w.buf = append(w.buf, ':')
}

func (w *writer) text(name, s string) {
	w.name(name)
	w.quote(s)
}

func (w *writer) optional(name, s string) {
	if s != "" {
		w.text(name, s)
	}
}

func (w *writer) time(name string, t time.Time) {
	w.text(name, t.UTC().Format(time.RFC3339Nano))
}

func (w *writer) boolean(name string, b bool) {
	w.name(name)
	w.buf = strconv.AppendBool(w.buf, b)
}

func (w *writer) optionalBoolean(name string, b *bool) {
	if b != nil {
		w.boolean(name, *b)
	}
}

func writeInteger[T int8 | int16](w *writer, name string, n *T) {
	if n != nil {
		w.name(name)
		w.buf = strconv.AppendInt(w.buf, int64(*n), 10)
	}
}

func (w *writer) seconds(name string, f *float64) {
	if f != nil {
		w.name(name)
		w.buf = strconv.AppendFloat(w.buf, *f, 'g', -1, 64)
	}
}

func (w *writer) data(data Data) {
	w.open()
	switch v := data.(type) {
	case *SurveyResponse:
		w.surveyResponse(v)
	case *SurveyInvitation:
		w.common(v.Attributes, v.Labels)
		w.optional("questionnaire", v.Questionnaire)
		w.optional("customer_id", v.CustomerID)
		w.optional("case_id", v.CaseID)
		w.optional("invitation_id", v.InvitationID)
	case *Complaint:
		w.complaint(v)
	case *Contact:
		w.contact(v)
	case *Milestone:
		w.common(v.Attributes, v.Labels)
		w.optional("case_id", v.CaseID)
		w.optional("milestone", v.Milestone)
		w.optional("customer_id", v.CustomerID)
		w.due(v.Due)
	}
	w.close('}')
}

func (w *writer) common(a Attributes, l Labels) {
	if a != (Attributes{}) {
		w.name("attributes")
		w.open()
		w.optional("region", a.Region)
		w.optional("org_unit", a.OrgUnit)
		w.optional("product", a.Product)
		w.optional("service", a.Service)
		w.optional("channel", a.Channel)
		w.optional("segment", a.Segment)
		w.optional("agent", a.Agent)
		w.close('}')
	}
	if len(l) > 0 {
		w.name("labels")
		w.open()
		for _, name := range slices.Sorted(maps.Keys(l)) {
			w.text(name, l[name])
		}
		w.close('}')
	}
}
