package deadletters

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rapport-project/rapport/internal/kafka"
)

// Place is where a refused record is on Kafka. It is comparable and names the letter.
type Place struct {
	Topic     string
	Partition int32
	Offset    int64
}

// String is the form that ParsePlace reads.
func (p Place) String() string { return fmt.Sprintf("%s/%d/%d", p.Topic, p.Partition, p.Offset) }

// MarshalText makes a place one string of JSON.
func (p Place) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// ParsePlace reads TOPIC/PARTITION/OFFSET; TOPIC/PARTITION@OFFSET, as the log writes it, is taken too.
func ParsePlace(text string) (Place, error) {
	wrong := fmt.Errorf("%q is no place: want TOPIC/PARTITION/OFFSET, as rapport.survey-responses/0/17", text)
	parts := strings.Split(strings.Replace(text, "@", "/", 1), "/")
	if len(parts) != 3 || parts[0] == "" {
		return Place{}, wrong
	}
	partition, err := strconv.ParseInt(parts[1], 10, 32)
	if err != nil || partition < 0 {
		return Place{}, wrong
	}
	offset, err := strconv.ParseInt(parts[2], 10, 64)
	if err != nil || offset < 0 {
		return Place{}, wrong
	}
	return Place{parts[0], int32(partition), offset}, nil
}

// State is what was done with a letter last.
type State string

// The states of a letter.
const (
	// Open: nothing was done with it.
	Open State = "open"
	// Requeued: it was published again.
	Requeued State = "requeued"
	// Accepted: a replay took the record where it is.
	Accepted State = "accepted"
	// Purged: what it held was removed.
	Purged State = "purged"
)

// Any as a state of a Filter means: whatever the state.
const Any State = "all"

// States are all states, and Any.
func States() []State { return []State{Open, Requeued, Accepted, Purged, Any} }

// Letter is one refused record, as the view rapport.dead_letters shows it.
type Letter struct {
	Place Place `json:"place"`
	// AppendedAt is when the record came to Kafka; nil where that is not known.
	AppendedAt *time.Time `json:"appended_at"`
	// ReceivedAt is when the letter was stored.
	ReceivedAt time.Time `json:"received_at"`
	Reason     string    `json:"reason"`
	Field      string    `json:"field"`
	Detail     string    `json:"detail"`
	Tenant     string    `json:"tenant"`
	Source     string    `json:"source"`
	ID         string    `json:"id"`
	Type       string    `json:"type"`
	State      State     `json:"state"`
	// RequeuedAt is when it was last requeued; nil where it never was.
	RequeuedAt *time.Time        `json:"requeued_at"`
	Key        string            `json:"key"`
	Value      string            `json:"value"`
	Headers    map[string]string `json:"headers"`
}

// Time is when the record came, or its letter where that is not known.
func (l *Letter) Time() time.Time {
	if l.AppendedAt != nil {
		return *l.AppendedAt
	}
	return l.ReceivedAt
}

// MarshalJSON adds value_base64 where the value is no UTF-8, which JSON could not carry.
func (l Letter) MarshalJSON() ([]byte, error) {
	type plain Letter
	out := struct {
		plain
		Base64 string `json:"value_base64,omitempty"`
	}{plain: plain(l)}
	if !utf8.ValidString(l.Value) {
		out.Base64 = base64.StdEncoding.EncodeToString([]byte(l.Value))
	}
	return json.Marshal(out)
}

// message is the record to be published again: the letter holds key, value and headers as they came.
func (l *Letter) message() kafka.Message {
	m := kafka.Message{Topic: l.Place.Topic, Value: []byte(l.Value)}
	if l.Key != "" {
		m.Key = []byte(l.Key)
	}
	for name, value := range l.Headers {
		m.Headers = append(m.Headers, kafka.Header{Name: name, Value: []byte(value)})
	}
	return m
}
