package ingest

import (
	"errors"
	"fmt"
	"time"
	"unicode/utf8"
	"unsafe"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
)

// judged is one event with its verdict: a message to publish, or a refusal. Its parts may be of the request's memory.
type judged struct {
	index   int
	id      string
	kind    schemas.Type
	unknown int
	message kafka.Message
	refusal *schemas.InvalidError // nil: good
}

// judge judges the events of one request, all of one tenant.
type judge struct {
	*Handler
	*scratch
	tenant string
	// member is the tenant as a member of an event; nil for one that no event may have.
	member  []byte
	now     time.Time
	options schemas.Options
}

// maxTenant is the longest tenant that schemas.Parse takes, in bytes as few as there may be.
const maxTenant = 128

func (h *Handler) judge(tenant string, s *scratch) judge {
	g := judge{
		Handler: h, scratch: s, tenant: tenant, now: h.now(),
		options: schemas.Options{MaxBytes: min(h.config.MaxEventBytes, schemas.DefaultMaxBytes), NoPayload: true},
	}
	if tenant != "" && len(tenant) <= maxTenant && utf8.ValidString(tenant) {
		// Of valid UTF-8, so that quoting cannot fail.
		g.member, _ = jsontext.AppendQuote([]byte(`"tenant":`), tenant)
	}
	return g
}

// event validates one event, as the processors will once it is published, and makes its message. The error is a
// fault of ours, never of the event.
func (g *judge) event(j *judged, index int, in incoming) error {
	*j = judged{index: index}
	if in.headers == nil {
		if g.short(j, in.value) {
			return nil
		}
		env, value := readEnvelope(in.value), in.value
		if !env.hasTenant {
			value = splice(value, env, g.tenant)
		}
		j.id, j.kind = env.id, env.kind
		return g.verdict(j, schemas.Record{Value: value, Headers: g.structured, Time: g.now})
	}
	env := headerEnvelope(in.headers)
	record := schemas.Record{Value: in.value, Headers: in.headers, Time: g.now}
	if !env.hasTenant {
		record.Headers = append(record.Headers[:len(in.headers):len(in.headers)], schemas.Header{Name: "ce_tenant", Value: []byte(g.tenant)})
	}
	j.id, j.kind = env.id, env.kind
	return g.verdict(j, record)
}

// short takes a good event, which is nearly every one, by reading it once: before its tenant is put in, which changes nothing else about it. Where it
// says false, the long way has to be gone.
func (g *judge) short(j *judged, value []byte) bool {
	if g.member == nil {
		return false
	}
	record, options := schemas.Record{Value: value, Headers: g.structured, Time: g.now}, g.options
	options.DefaultTenant = g.tenant
	event, err := g.parser.Parse(record, options)
	if err != nil || event.Tenant != g.tenant || g.checker.Check(event) != nil {
		return false
	}
	switch g.parser.Tenant() {
	case schemas.TenantAbsent:
		if record.Value = g.withTenant(value); len(record.Value) > options.MaxBytes {
			return false
		}
	case schemas.TenantNull:
		return false
	}
	j.accept(event, record)
	return true
}

// withTenant is an event that names no tenant with the caller's.
func (g *judge) withTenant(event []byte) []byte {
	from := len(g.spliced)
	g.spliced = appendMember(g.spliced, event, g.member)
	return g.spliced[from:len(g.spliced):len(g.spliced)]
}

// verdict judges the record of an event, and makes its message.
func (g *judge) verdict(j *judged, record schemas.Record) error {
	event, err := g.validate(&g.parser, record, g.tenant)
	if errors.As(err, &j.refusal) {
		return nil
	}
	if err != nil {
		return err
	}
	j.accept(event, record)
	return nil
}

func (j *judged) accept(event *schemas.Event, record schemas.Record) {
	j.kind, j.unknown = event.Type, event.Unknown
	if len(event.ID) <= maxEchoedID {
		j.id = event.ID
	}
	key := event.Key()
	j.message = kafka.Message{
		Topic: event.Type.Topic(),
		// The key is a part of the event, which nobody writes to.
		Key:     unsafe.Slice(unsafe.StringData(key), len(key)),
		Value:   record.Value,
		Headers: record.Headers,
	}
}

func (h *Handler) validate(p *schemas.Parser, record schemas.Record, tenant string) (*schemas.Event, error) {
	// No default tenant: every record has its own by now, and is sized with it, as the processors will see it.
	event, err := p.Parse(record, schemas.Options{MaxBytes: min(h.config.MaxEventBytes, schemas.DefaultMaxBytes), NoPayload: true})
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
