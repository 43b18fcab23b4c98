package generator

import (
	"time"

	"github.com/rapport-project/rapport/schemas"
)

// Event is one delivery as an app would send it, with what a test needs to know of it.
type Event struct {
	// JSON is the structured CloudEvent, whichever mode the record is in; nil where a bad record has none.
	JSON []byte
	// Topic, Key, Headers and Value are the Kafka record.
	Topic   string
	Key     string
	Headers []schemas.Header
	Value   []byte

	Type      schemas.Type
	Tenant    string
	Source    string
	ID        string
	Time      time.Time // UTC, as stated by the event
	Revision  uint32
	Retracted bool
	// Published is when the simulated app sends it: not before Time.
	Published time.Time

	// Refused is why the event must be refused, '' for a good one; Field is the JSON pointer that goes with it.
	Refused schemas.Reason
	Field   string
}

// Record is what a parser reads, appended to its topic at the given time.
func (e Event) Record(appended time.Time) schemas.Record {
	return schemas.Record{Headers: e.Headers, Value: e.Value, Time: appended}
}

// Accepted are the structured JSONs of the good events, which is what a batch oracle reads.
func Accepted(events []Event) [][]byte {
	raw := make([][]byte, 0, len(events))
	for _, e := range events {
		if e.Refused == "" {
			raw = append(raw, e.JSON)
		}
	}
	return raw
}

func structured(value []byte) ([]schemas.Header, []byte) {
	return []schemas.Header{{Name: "content-type", Value: []byte("application/cloudevents+json")}}, value
}
