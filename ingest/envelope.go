package ingest

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/rapport-project/rapport/schemas"
)

// envelope is what can be read of an event before it is judged, also of one that will be refused.
type envelope struct {
	id        string // empty where it cannot be read, or is too long to be told back
	kind      schemas.Type
	hasTenant bool
	// nullTenant is where a `null` that stands for no tenant ends in the event; 0 for none.
	nullTenant int
}

// maxEchoedID is the longest id, in bytes, that an answer tells back.
const maxEchoedID = 256

// readEnvelope reads the attributes on the top level of a structured event, as far as it is JSON.
func readEnvelope(event []byte) envelope {
	var e envelope
	d := jsontext.NewDecoder(bytes.NewBuffer(event), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if d.PeekKind() != '{' {
		return e
	}
	if _, err := d.ReadToken(); err != nil {
		return e
	}
	for d.PeekKind() == '"' {
		token, err := d.ReadToken()
		if err != nil {
			return e
		}
		switch name := token.String(); {
		case name == "tenant" && d.PeekKind() == 'n':
			if _, err = d.ReadToken(); err != nil {
				return e
			}
			e.nullTenant = int(d.InputOffset())
			continue
		case name == "tenant":
			e.hasTenant = true
		case (name == "id" || name == "type") && d.PeekKind() == '"':
			if token, err = d.ReadToken(); err != nil {
				return e
			}
			e.set(name, token.String())
			continue
		}
		if d.SkipValue() != nil {
			return e
		}
	}
	return e
}

// headerEnvelope is readEnvelope of an event in binary mode.
func headerEnvelope(headers []schemas.Header) envelope {
	var e envelope
	for _, h := range headers {
		if h.Name == "ce_tenant" {
			e.hasTenant = true
		}
		if name, ok := bytes.CutPrefix([]byte(h.Name), []byte("ce_")); ok {
			e.set(string(name), string(h.Value))
		}
	}
	return e
}

func (e *envelope) set(name, value string) {
	switch {
	case name == "type":
		e.kind = schemas.Type(value)
	case name == "id" && len(value) <= maxEchoedID:
		e.id = value
	}
}

// splice returns event, a JSON object that names no tenant, with that member put first, or in the place of its null. The
// bytes that came stay as they are around it: what is published is what was sent.
func splice(event []byte, e envelope, tenant string) []byte {
	out := make([]byte, 0, len(event)+len(tenant)+16)
	if end := e.nullTenant; end > 0 {
		out = append(out, event[:end-len("null")]...)
		out, _ = jsontext.AppendQuote(out, tenant)
		return append(out, event[end:]...)
	}
	if bytes.IndexByte(event, '{') < 0 {
		return event
	}
	// A tenant from the keys file is valid UTF-8, the only thing that quoting could fail on.
	member, _ := jsontext.AppendQuote([]byte(`"tenant":`), tenant)
	return appendMember(out, event, member)
}

// appendMember appends event, a JSON object, with a member put first.
func appendMember(out, event, member []byte) []byte {
	at := bytes.IndexByte(event, '{') + 1
	out = append(out, event[:at]...)
	out = append(out, member...)
	if firstByte(event[at:]) != '}' {
		out = append(out, ',')
	}
	return append(out, event[at:]...)
}
