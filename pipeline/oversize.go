package pipeline

import (
	"fmt"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/sinks"
)

// shrink makes a dead letter that no topic takes fit into limit bytes. A record that came well compressed can be larger than
// what may be published, and held up for ever it would stop its partition: its reason and place count, then what fits of it.
func shrink(m kafka.Message, size, limit int) kafka.Message {
	whole := len(m.Value)
	note := func(kept int) string {
		return fmt.Sprintf("; the dead letter holds the first %d of %d bytes of the value", kept, whole)
	}
	excess := size - limit + len(note(whole)) + len(note(whole))
	if kept := whole - excess; kept >= 0 {
		m.Value, m.Headers = m.Value[:kept], annotated(m.Headers, note(kept))
		return m
	}
	// Key or headers alone are too large: neither is needed to account for the record.
	var ours []kafka.Header
	for _, h := range m.Headers {
		switch h.Name {
		case sinks.HeaderReason, sinks.HeaderField, sinks.HeaderDetail, sinks.HeaderTopic, sinks.HeaderPartition, sinks.HeaderOffset, sinks.HeaderTime:
			ours = append(ours, h)
		}
	}
	m.Key, m.Value, m.Headers = nil, nil, annotated(ours, note(0)+", and neither its key nor its headers")
	return m
}

// annotated is headers with more said in the detail.
func annotated(headers []kafka.Header, more string) []kafka.Header {
	out := make([]kafka.Header, len(headers))
	for i, h := range headers {
		if h.Name == sinks.HeaderDetail {
			h.Value = append(append([]byte(nil), h.Value...), more...)
		}
		out[i] = h
	}
	return out
}
