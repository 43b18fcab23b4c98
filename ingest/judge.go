package ingest

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
)

// judged is one event with its verdict: a message to publish, or a refusal.
type judged struct {
	index   int
	id      string
	kind    schemas.Type
	unknown int
	message kafka.Message
	refusal *schemas.InvalidError // nil: good
}

// judge validates one event of a tenant, as the processors will once it is published, and makes its message. The error is a
// fault of ours, never of the event.
func (h *Handler) judge(index int, in incoming, tenant string) (judged, error) {
	j := judged{index: index}
	record := schemas.Record{Value: in.value, Time: h.now()}
	var env envelope
	if in.headers != nil {
		env = headerEnvelope(in.headers)
		record.Headers = in.headers
		if !env.hasTenant {
			record.Headers = append(record.Headers[:len(in.headers):len(in.headers)], schemas.Header{Name: "ce_tenant", Value: []byte(tenant)})
		}
		j.id, j.kind = env.id, env.kind
		return h.verdict(j, record, tenant)
	}
	record.Headers = h.structured
	// A good event is read once: what its envelope says is in the event too.
	if !mayNameTenant(in.value) {
		record.Value = splice(in.value, env, tenant)
	}
	if v, err := h.verdict(j, record, tenant); err != nil || v.refusal == nil {
		return v, err
	}
	env = readEnvelope(in.value)
	if record.Value = in.value; !env.hasTenant {
		record.Value = splice(in.value, env, tenant)
	}
	j.id, j.kind = env.id, env.kind
	return h.verdict(j, record, tenant)
}

// mayNameTenant is false where no member of an event, a JSON object, can be called tenant, in letters or in escaped ones.
func mayNameTenant(event []byte) bool {
	return bytes.Contains(event, []byte("tenant")) || bytes.Contains(event, []byte(`\u00`))
}

// verdict judges the record of an event, and makes its message.
func (h *Handler) verdict(j judged, record schemas.Record, tenant string) (judged, error) {
	p := h.parsers.Get().(*schemas.Parser)
	defer h.parsers.Put(p)
	event, err := h.validate(p, record, tenant)
	if errors.As(err, &j.refusal) {
		return j, nil
	}
	if err != nil {
		return j, err
	}
	j.kind, j.unknown = event.Type, event.Unknown
	if len(event.ID) <= maxEchoedID {
		j.id = event.ID
	}
	j.message = kafka.Message{
		Topic:   event.Type.Topic(),
		Key:     []byte(event.Key()),
		Value:   record.Value,
		Headers: record.Headers,
	}
	return j, nil
}

func (h *Handler) validate(p *schemas.Parser, record schemas.Record, tenant string) (*schemas.Event, error) {
	// No default tenant: every record has its own by now, and is sized with it, as the processors will see it.
	event, err := p.Parse(record, schemas.Options{MaxBytes: min(h.config.MaxEventBytes, schemas.DefaultMaxBytes)})
	if err != nil {
		return nil, err
	}
	if event.Tenant != tenant {
		// What the other tenant is called is not told back: the caller wrote it, the log need not hold it.
		return nil, &schemas.InvalidError{Reason: schemas.WrongTenant, Field: "/tenant",
			Detail: fmt.Sprintf("not the caller's tenant, which is %q: it comes from the API key, and is default without one", tenant)}
	}
	return event, h.checker.Check(event)
}
