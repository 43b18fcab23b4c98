package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/rapport-project/rapport/internal/generator"
)

// Event is a CloudEvent in the making: its attributes and data.
type Event struct {
	ID, Type, Tenant string
	Time             time.Time
	Extra            map[string]any // revision, retracted ...
	Data             map[string]any
}

// Source of the events that tests write by hand.
const Source = "/apps/e2e"

func (e Event) attributes() map[string]any {
	m := map[string]any{"specversion": "1.0", "id": e.ID, "source": Source, "type": e.Type, "time": e.Time.Format(time.RFC3339Nano)}
	if e.Tenant != "" {
		m["tenant"] = e.Tenant
	}
	for k, v := range e.Extra {
		m[k] = v
	}
	return m
}

// Structured is the event as one JSON object.
func (e Event) Structured() []byte {
	m := e.attributes()
	m["data"] = e.Data
	b, err := json.Marshal(m)
	if err != nil {
		panic(err) // maps of strings and numbers written in a test
	}
	return b
}

// StructuredRecord is the event for Kafka in structured mode.
func (e Event) StructuredRecord(topic, key string) *kgo.Record {
	return &kgo.Record{Topic: topic, Key: []byte(key), Value: e.Structured(),
		Headers: []kgo.RecordHeader{{Key: "content-type", Value: []byte("application/cloudevents+json; charset=UTF-8")}}}
}

// BinaryRecord is the event for Kafka in binary mode.
func (e Event) BinaryRecord(topic, key string) *kgo.Record {
	data, err := json.Marshal(e.Data)
	if err != nil {
		panic(err) // as above
	}
	r := &kgo.Record{Topic: topic, Key: []byte(key), Value: data, Headers: []kgo.RecordHeader{{Key: "content-type", Value: []byte("application/json")}}}
	for name, v := range e.attributes() {
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: "ce_" + name, Value: fmt.Append(nil, v)})
	}
	return r
}

// Record is a generated event as the independent client sends it.
func Record(e generator.Event) *kgo.Record {
	r := &kgo.Record{Topic: e.Topic, Key: []byte(e.Key), Value: e.Value}
	for _, h := range e.Headers {
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: h.Name, Value: h.Value})
	}
	return r
}

// Publish sends records and waits for every acknowledgement.
func (s *System) Publish(c *kgo.Client, records ...*kgo.Record) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := c.ProduceSync(ctx, records...).FirstErr(); err != nil {
		s.t.Fatal(err)
	}
}

// Answer is what ingest said.
type Answer struct {
	Status  int
	Header  http.Header
	Body    string
	Refused []struct {
		Index                     int
		ID, Reason, Field, Detail string
	}
	Accepted int
}

// Post sends a body to a path of the HTTP interface.
func (s *System) Post(path, contentType string, body []byte, headers ...string) (Answer, error) {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, s.HTTP+path, bytes.NewReader(body))
	if err != nil {
		return Answer{}, err
	}
	req.Header.Set("Content-Type", contentType)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return Answer{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return Answer{}, err
	}
	a := Answer{Status: resp.StatusCode, Header: resp.Header, Body: string(text)}
	_ = json.Unmarshal(text, &a) // a body that is not JSON leaves the lists empty, which the caller sees
	return a, nil
}
