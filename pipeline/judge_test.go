package pipeline_test

import (
	"testing"
	"time"

	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/pipeline"
	"github.com/rapport-project/rapport/schemas"
)

// TestJudgeAgreesWithEvents: what decides whether a record is published or replayed is the verdict that it then gets.
func TestJudgeAgreesWithEvents(t *testing.T) {
	const horizon = 10 * 24 * time.Hour
	known := definitions(t, horizon)
	build := pipeline.Events(known, schemas.Options{})
	seen := map[schemas.Verdict]bool{}
	for i, e := range deliveries(t, 150) {
		m := record(e, int64(i))
		b, j := build([]kafka.Message{m}), pipeline.Judge(m, known, schemas.Options{})
		seen[j.Verdict] = true
		if want := b.Facts.Consumed[0].Verdict; j.Verdict != want || j.Verdict != expected(e, appended, horizon) {
			t.Errorf("%s: judged %s, is %s", e.ID, j.Verdict, want)
		}
		if (j.Why != nil) != (j.Verdict == schemas.Rejected) || j.Why != nil && j.Why.Reason != e.Refused {
			t.Errorf("%s: %s because of %v, want %s", e.ID, j.Verdict, j.Why, e.Refused)
		}
	}
	if len(seen) != 3 {
		t.Errorf("only %v were seen", seen)
	}
}
