package schemas

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"time"
)

// Limits of one event.
const (
	// DefaultMaxBytes is how long a record's value may be unless Options say otherwise.
	DefaultMaxBytes = 1 << 20
	// MaxDepth is how deep objects and arrays of a structured event may nest, the event itself being the first.
	MaxDepth = 16
	// MaxAhead is how far an event's time may lie ahead of the time its record was appended: clocks differ that much.
	MaxAhead = 5 * time.Minute
)

// Options are what Parse cannot know from the record.
type Options struct {
	// DefaultTenant is whose an event without the tenant attribute is; empty refuses such events.
	DefaultTenant string
	// MaxBytes bounds the record's value; 0 is DefaultMaxBytes.
	MaxBytes int
	// NoPayload leaves Event.Payload 0, for those who only want the verdict.
	NoPayload bool
}

// Parse reads one record in either CloudEvents mode and checks it against the contract. The error is always an
// *InvalidError, which names the first offence found; whatever the bytes, Parse does not panic. What depends on definitions
// (items, scales) is not judged here. The event's strings, except the tenant, share one copy of the value: clone those
// that outlive the event.
func Parse(r Record, o Options) (*Event, error) {
	d := decoders.Get().(*decoder)
	defer d.release()
	if len(r.Value) <= o.maxBytes() {
		r.Value = bytes.Clone(r.Value)
	}
	e, invalid := d.parse(r, o)
	if invalid != nil {
		return nil, invalid
	}
	return e, nil
}

// decoders keeps the room for names and hashes of earlier events.
var decoders = sync.Pool{New: func() any { return new(decoder) }}

// release hands the decoder back without the event's bytes.
func (d *decoder) release() {
	d.reset(nil, "", 0)
	if d.err = nil; cap(d.scratch) > 64<<10 {
		d.scratch = nil
	}
	if cap(d.names) > 256 {
		d.names = nil
	}
	clear(d.names[:cap(d.names)])
	clear(d.objects[:cap(d.objects)])
	decoders.Put(d)
}

// ParseEvent reads a bare structured event, appended to the log at the given instant; the zero instant leaves the check for
// events from the future out.
func ParseEvent(value []byte, appended time.Time, o Options) (*Event, error) {
	return Parse(Record{Value: value, Time: appended}, o)
}

func (o Options) maxBytes() int {
	if o.MaxBytes == 0 {
		return DefaultMaxBytes
	}
	return o.MaxBytes
}

// parse makes an event whose strings are parts of the record's bytes.
func (d *decoder) parse(rec Record, o Options) (*Event, *InvalidError) {
	if limit := o.maxBytes(); len(rec.Value) > limit {
		return nil, &InvalidError{Reason: TooLarge, Detail: fmt.Sprintf("%d bytes, at most %d are taken", len(rec.Value), limit)}
	}
	d.unknown, d.err, d.tenant = 0, nil, TenantAbsent
	env := envelope{event: room(d.kept, func(k *kept) *Event { return &k.event })}
	if binaryMode(rec.Headers) {
		d.binary(&env, rec)
	} else {
		d.structured(&env, rec.Value)
	}
	if d.err == nil {
		d.complete(&env, rec.Time, o.DefaultTenant)
	}
	if d.err != nil {
		return nil, d.err
	}
	env.event.Unknown = d.unknown
	if !o.NoPayload {
		env.event.Payload = d.payload(env.event)
	}
	return env.event, nil
}

// binaryMode says whether the attributes are in the headers. A record without content type is taken for structured unless it
// has the headers that only binary mode has, so that a producer need set no header at all.
func binaryMode(headers []Header) bool {
	attributes := false
	for _, h := range headers {
		switch {
		case h.Name == "ce_specversion" || h.Name == "ce_id":
			attributes = true
		case h.Name == "content-type" || strings.EqualFold(h.Name, "content-type"):
			const structured = "application/cloudevents"
			if len(h.Value) < len(structured) {
				continue
			}
			// Nearly all write it in lower case, which is soon compared.
			if begin := h.Value[:len(structured)]; string(begin) == structured || strings.EqualFold(string(begin), structured) {
				return false
			}
		}
	}
	return attributes
}
