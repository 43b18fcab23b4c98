package replays

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/pipeline"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
	"github.com/rapport-project/rapport/store/storetest"
)

// TestKilledBeforeItNotes: a replay that stored what it takes now and died before it noted so is made good by the next one: the offset is then
// accepted already, and still a refused one that counts as such.
func TestKilledBeforeItNotes(t *testing.T) {
	conn := storetest.Start(t)
	sink := sinks.NewClickHouse(conn, sinks.Config{}, prometheus.NewRegistry())
	const topic = schemas.TopicSurveyResponses
	refused := sinks.Batch{
		DeadLetters: []schemas.DeadLetter{{Topic: topic, Offset: 3, Reason: "unknown_questionnaire", Headers: map[string]string{}}},
		Consumed:    []schemas.Consumed{{Topic: topic, Verdict: schemas.Rejected, First: 3, Last: 3}},
	}
	if err := sink.Write(t.Context(), refused); err != nil {
		t.Fatal(err)
	}
	killed := func() {}
	options := Options{
		Conn: conn, Spans: []kafka.Span{{Topic: topic, From: 0, To: 10}},
		Scan: func(_ context.Context, _ kafka.Span, each func([]kafka.Message) error) error {
			return each([]kafka.Message{{Topic: topic, Offset: 3}})
		},
		Judge: func(kafka.Message) pipeline.Judgement { return pipeline.Judgement{Verdict: schemas.Accepted} },
		Build: func(context.Context, []kafka.Message) (pipeline.Batch, error) {
			return pipeline.Batch{Facts: sinks.Batch{Consumed: []schemas.Consumed{{Topic: topic, Verdict: schemas.Accepted, First: 3, Last: 3}}}}, nil
		},
		Store: func(ctx context.Context, b pipeline.Batch) error {
			defer killed()
			return sink.Write(ctx, b.Facts)
		},
	}
	unexplained := func() (n int64) {
		t.Helper()
		if err := conn.QueryRow(t.Context(), "SELECT unexplained FROM rapport.data_quality WHERE topic = 'rapport.survey-responses'").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	ctx, cancel := context.WithCancel(t.Context())
	killed = cancel
	if _, err := Run(ctx, options); err == nil {
		t.Fatal("a killed replay came to its end")
	}
	if n := unexplained(); n != -1 {
		t.Fatalf("%d unexplained after the kill: it did not fall between the two writes", n)
	}
	killed = func() {}
	for run, taken := range []int{1, 0} { // the third run has nothing left to take
		report, err := Run(t.Context(), options)
		if err != nil || report.Taken != taken || report.Kept != 0 {
			t.Fatalf("run %d: %+v %v", run, report, err)
		}
		if n := unexplained(); n != 0 {
			t.Fatalf("%d unexplained after run %d", n, run)
		}
	}
}

func TestWhatIsOpen(t *testing.T) {
	run := func(first, last int64) schemas.Consumed { return schemas.Consumed{First: first, Last: last} }
	v := verdicts{schemas.Accepted: {run(0, 3)}, schemas.Rejected: {run(2, 2), run(5, 6)}, schemas.Late: {run(3, 3)}, noted: {run(5, 5)}}
	var got []bool
	for at := range int64(8) {
		got = append(got, v.open(at))
	}
	if diff := cmp.Diff([]bool{false, false, true, true, false, false, true, false}, got); diff != "" {
		t.Error(diff)
	}
}
