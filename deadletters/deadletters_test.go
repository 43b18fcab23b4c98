package deadletters_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"github.com/rapport-project/rapport/deadletters"
	"github.com/rapport-project/rapport/embedded/clickhouse/clickhousetest"
	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
	"github.com/rapport-project/rapport/store/storetest"
)

func TestMain(m *testing.M) {
	clickhousetest.Child()
	goleak.VerifyTestMain(m)
}

func TestPlace(t *testing.T) {
	for text, want := range map[string]deadletters.Place{
		"rapport.complaints/0/17": {Topic: "rapport.complaints", Offset: 17},
		"t/3@9000000000":          {Topic: "t", Partition: 3, Offset: 9_000_000_000},
	} {
		if got, err := deadletters.ParsePlace(text); err != nil || got != want {
			t.Errorf("%s: %v %v", text, got, err)
		}
		if again, err := deadletters.ParsePlace(want.String()); err != nil || again != want {
			t.Errorf("%s does not come back: %v", want, err)
		}
	}
	for _, text := range []string{"", "t", "t/1", "/1/2", "t/a/2", "t/1/b", "t/-1/2", "t/1/-2", "t/1/2/3", "t/3000000000/1"} {
		if p, err := deadletters.ParsePlace(text); err == nil {
			t.Errorf("%q was taken for %v", text, p)
		}
	}
}

// letters are n refused records of a topic, every third without a known time and every fifth of another reason.
func letters(topic string, n int, at time.Time) []schemas.DeadLetter {
	out := make([]schemas.DeadLetter, n)
	for i := range out {
		out[i] = schemas.DeadLetter{
			Topic: topic, Partition: int32(i % 2), Offset: int64(i), AppendedAt: at.Add(time.Duration(i) * time.Second), Reason: "unknown_questionnaire", Field: "/data/questionnaire",
			Detail: "there is no \"x\"", Tenant: "acme", Source: "/crm", ID: fmt.Sprint("e-", i), Type: string(schemas.TypeSurveyResponse),
			Key: fmt.Sprint("customer-", i), Value: fmt.Sprintf(`{"id":"e-%d"}`, i), Headers: map[string]string{"content-type": "application/json"},
		}
		if i%3 == 2 {
			out[i].AppendedAt = time.Unix(0, 0)
		}
		if i%5 == 4 {
			out[i].Reason, out[i].Value = "not_json", "\xff\xfe"
		}
	}
	return out
}

type shelf struct {
	*deadletters.Store
	t    *testing.T
	conn driver.Conn
	sink sinks.Sink
}

func newShelf(t *testing.T) shelf {
	conn := storetest.Start(t)
	return shelf{deadletters.NewStore(conn), t, conn, sinks.NewClickHouse(conn, sinks.Config{}, prometheus.NewRegistry())}
}

func (s shelf) write(sink sinks.Sink, found []schemas.DeadLetter) {
	s.t.Helper()
	if err := sink.Write(s.t.Context(), sinks.Batch{DeadLetters: found}); err != nil {
		s.t.Fatal(err)
	}
}

// states counts letters by state.
func (s shelf) states() map[deadletters.State]int {
	s.t.Helper()
	counts, err := s.Counts(s.t.Context(), deadletters.Filter{State: deadletters.Any})
	if err != nil {
		s.t.Fatal(err)
	}
	out := map[deadletters.State]int{}
	for _, c := range counts {
		out[c.State] += int(c.N)
	}
	return out
}

func (s shelf) number(query string) (n uint64) {
	s.t.Helper()
	if err := s.conn.QueryRow(s.t.Context(), query).Scan(&n); err != nil {
		s.t.Fatal(err)
	}
	return n
}

// TestWhose: letters that name no tenant are the default tenant's.
func TestWhose(t *testing.T) {
	s := newShelf(t)
	found := letters("rapport.complaints", 3, time.Now().Add(-time.Hour))
	found[0].Tenant, found[1].Tenant = "", "default"
	s.write(s.sink, found)
	for tenant, want := range map[string]uint64{"": 3, "default": 2, "acme": 1} {
		counts, err := s.Defaulting("default").Counts(t.Context(), deadletters.Filter{Tenant: tenant})
		var n uint64
		for _, c := range counts {
			n += c.N
		}
		if err != nil || n != want {
			t.Errorf("tenant %q: %d letters, want %d (%v)", tenant, n, want, err)
		}
	}
}

// TestErased: what was erased is shown as purged, and not requeued.
func TestErased(t *testing.T) {
	s := newShelf(t)
	s.write(s.sink, letters("rapport.complaints", 3, time.Now().Add(-time.Hour)))
	if err := s.conn.Exec(t.Context(), "INSERT INTO rapport_store.erased_places (topic, partition, offset, tenant) VALUES ('rapport.complaints', 1, 1, 'acme')"); err != nil {
		t.Fatal(err)
	}
	if got := s.states(); got[deadletters.Purged] != 1 || got[deadletters.Open] != 2 {
		t.Errorf("states %v", got)
	}
	if n := s.number("SELECT count() FROM rapport.dead_letters WHERE state = 'purged' AND value = '' AND key = '' AND detail = '' AND requeued_at IS NULL"); n != 1 {
		t.Errorf("%d letters are shown empty, want 1", n)
	}
}

// broker takes what is published.
type broker struct {
	got  []kafka.Message
	fail error
}

func (b *broker) publish(_ context.Context, msgs []kafka.Message) error {
	if b.fail != nil {
		return b.fail
	}
	b.got = append(b.got, msgs...)
	return nil
}

// judge refuses what is not JSON, and calls one of the others late.
func judge(m kafka.Message) (schemas.Verdict, *schemas.InvalidError) {
	switch {
	case !json.Valid(m.Value):
		return schemas.Rejected, &schemas.InvalidError{Reason: schemas.NotJSON, Detail: "no JSON"}
	case bytes.Contains(m.Value, []byte(`"e-0"`)):
		return schemas.Late, nil
	}
	return schemas.Accepted, nil
}

func TestRequeue(t *testing.T) {
	s := newShelf(t)
	const n = 2500 // more than two pages
	at := time.Now().Add(-2 * time.Hour).Truncate(time.Millisecond)
	s.write(s.sink, letters(schemas.TopicSurveyResponses, n, at))
	s.write(s.sink, letters("stray", 1, at))
	var b broker
	seen := 0
	o := deadletters.RequeueOptions{Judge: judge, Publish: b.publish, Explain: 3, Progress: func(n int) { seen += n }}

	o.DryRun = true
	r, err := s.Requeue(t.Context(), o)
	if err != nil || r.Total() != n*4/5 || r.Late != 1 || r.Refused["not_json"] != n/5 || r.Refused["wrong_topic"] != 1 || len(r.Refusals) != 3 || len(b.got) != 0 {
		t.Fatalf("a dry run: %+v, %v, %d published", r, err, len(b.got))
	}
	if got := s.states(); got[deadletters.Open] != n+1 {
		t.Fatalf("a dry run left %v", got)
	}

	o.DryRun, b.fail = false, errors.New("no broker")
	if r, err := s.Requeue(t.Context(), o); !errors.Is(err, b.fail) || r.Total() != 0 || s.states()[deadletters.Open] != n+1 {
		t.Fatalf("without a broker: %+v %v %v", r, err, s.states())
	}

	b.fail, seen = nil, 0
	r, err = s.Requeue(t.Context(), o)
	if err != nil || r.Total() != n*4/5 || len(b.got) != n*4/5 || seen != n+1 {
		t.Fatalf("%+v, %v, %d published, %d seen", r, err, len(b.got), seen)
	}
	if diff := cmp.Diff(map[deadletters.State]int{deadletters.Open: n/5 + 1, deadletters.Requeued: n * 4 / 5}, s.states()); diff != "" {
		t.Error(diff)
	}
	for _, m := range b.got {
		var id struct{ ID string }
		_ = json.Unmarshal(m.Value, &id)
		want := strings.Replace(id.ID, "e-", "customer-", 1)
		if string(m.Key) != want || len(m.Headers) != 1 || m.Headers[0].Name != "content-type" || m.Topic != schemas.TopicSurveyResponses || time.Since(m.Time) > time.Minute {
			t.Fatalf("published as %+v, want the key %s and the headers it came with, now", m, want)
		}
	}

	b.got = nil
	if r, err = s.Requeue(t.Context(), o); err != nil || r.Total() != 0 || r.Skipped[deadletters.Requeued] != n*4/5 || len(b.got) != 0 {
		t.Errorf("twice: %+v %v", r, err)
	}
	o.Again = true
	if r, err = s.Requeue(t.Context(), o); err != nil || r.Total() != n*4/5 {
		t.Errorf("again: %+v %v", r, err)
	}
	bad := deadletters.Place{Topic: schemas.TopicSurveyResponses, Partition: 0, Offset: 4}
	o.Places, o.Value = []deadletters.Place{bad}, []byte(`{"id":"repaired"}`)
	b.got = nil
	if r, err = s.Requeue(t.Context(), o); err != nil || r.Total() != 1 || string(b.got[0].Value) != `{"id":"repaired"}` || string(b.got[0].Key) != "customer-4" {
		t.Errorf("with another value: %+v %v", r, err)
	}
}

// TestRequeueDoesNotFollowItself: a process that refuses again what is requeued makes new letters, which the run must not take up.
func TestRequeueDoesNotFollowItself(t *testing.T) {
	s := newShelf(t)
	s.write(s.sink, letters(schemas.TopicSurveyResponses, 2, time.Now().Add(-time.Hour)))
	next := int64(2)
	r, err := s.Requeue(t.Context(), deadletters.RequeueOptions{
		Judge: func(kafka.Message) (schemas.Verdict, *schemas.InvalidError) { return schemas.Accepted, nil },
		Publish: func(_ context.Context, msgs []kafka.Message) error {
			for range msgs {
				again := letters(schemas.TopicSurveyResponses, 1, time.Now().Add(time.Second))
				again[0].Offset = next
				next++
				s.write(s.sink, again)
			}
			return nil
		},
	})
	if err != nil || r.Total() != 2 {
		t.Errorf("%+v %v, want the two there were", r, err)
	}
}

func TestFilters(t *testing.T) {
	s := newShelf(t)
	at := time.Now().Add(-time.Hour).Truncate(time.Millisecond)
	s.write(s.sink, letters(schemas.TopicSurveyResponses, 20, at))
	other := letters(schemas.TopicComplaints, 1, at.Add(-time.Hour))
	other[0].Tenant, other[0].Source = "beta", "/desk"
	s.write(s.sink, other)
	places := []deadletters.Place{{Topic: schemas.TopicSurveyResponses, Partition: 1, Offset: 7}, {Topic: "none"}}
	for name, c := range map[string]struct {
		f    deadletters.Filter
		want int
	}{
		"all":        {deadletters.Filter{}, 21},
		"tenant":     {deadletters.Filter{Tenant: "beta"}, 1},
		"topic":      {deadletters.Filter{Topic: schemas.TopicSurveyResponses}, 20},
		"reason":     {deadletters.Filter{Reason: "not_json"}, 4},
		"source":     {deadletters.Filter{Source: "/desk"}, 1},
		"until":      {deadletters.Filter{Until: at}, 1},
		"since":      {deadletters.Filter{Since: at.Add(19 * time.Second)}, 7}, // the last, and those that are known by when they were stored alone
		"places":     {deadletters.Filter{Places: places}, 1},
		"none":       {deadletters.Filter{Places: []deadletters.Place{}}, 0},
		"requeued":   {deadletters.Filter{State: deadletters.Requeued}, 0},
		"all states": {deadletters.Filter{State: deadletters.Any}, 21},
	} {
		got, err := s.Newest(t.Context(), c.f, 100)
		if err != nil || len(got) != c.want {
			t.Errorf("%s: %d letters, want %d; %v", name, len(got), c.want, err)
		}
		for i := 1; i < len(got); i++ {
			if got[i].Time().After(got[i-1].Time()) {
				t.Errorf("%s: not the newest first", name)
			}
		}
	}
	got, err := s.Newest(t.Context(), deadletters.Filter{Reason: "not_json"}, 1)
	if err != nil || len(got) != 1 {
		t.Fatal(got, err)
	}
	text, err := json.Marshal(got[0])
	if err != nil || !bytes.Contains(text, []byte(`"value_base64":"//4="`)) || !bytes.Contains(text, []byte(`"place":"rapport.survey-responses/`)) {
		t.Errorf("%s %v", text, err)
	}
}
