package pipeline_test

import (
	"context"
	"errors"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/pipeline"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
)

// TestGapsAreStoredWithoutABatch: a partition that retention emptied may see no record for long.
func TestGapsAreStoredWithoutABatch(t *testing.T) {
	r := &rig{}
	p := pipeline.New(options(r, events(t, 0)))
	p.Gap(schemas.TopicSurveyResponses, 2, 10, 20)
	handled(t, p, newScript(r))
	got := r.entries("")
	if len(got) != 2 || got[0].step != facts || len(got[0].facts.Gaps) != 1 || got[1].step != commit || got[1].next != 20 {
		t.Errorf("%v, want the gap stored and then passed", got)
	}
}

func TestGapsAreStoredBeforeTheirPartitionsBatches(t *testing.T) {
	build, batches := events(t, 0), threeBatches(t)
	drain, endDrain := context.WithCancel(context.Background())
	r := &rig{}
	r.fail = func(step string, attempt int) error {
		if step == facts && attempt == 2 {
			endDrain() // the claim is over before the write works
			return errBroken
		}
		if step == facts && attempt == 1 {
			return errBroken
		}
		return nil
	}
	p := pipeline.New(options(r, build))
	p.Gap(schemas.TopicSurveyResponses, 2, 10, 20)
	p.Gap(schemas.TopicSurveyResponses, 3, 5, 6)
	s := newScript(r, batches[0])
	s.drain = drain
	if err := p.Handle(context.Background(), s); !errors.Is(err, errBroken) {
		t.Fatalf("the claim's end is told: %v", err)
	}
	p.Gap(schemas.TopicSurveyResponses, 2, 30, 40)
	handled(t, p, newScript(r, batches...))

	var stored []sinks.Gap
	for i, e := range r.entries(facts) {
		if e.err == nil {
			stored = append(stored, e.facts.Gaps...)
			if i != 2 && len(e.facts.Gaps) > 0 {
				t.Errorf("gaps came with write %d", i)
			}
		}
	}
	want := []sinks.Gap{{Topic: schemas.TopicSurveyResponses, Partition: 2, From: 10, To: 20}, {Topic: schemas.TopicSurveyResponses, Partition: 2, From: 30, To: 40}}
	if diff := gocmp.Diff(want, stored); diff != "" {
		t.Fatalf("gaps of the partition, and not those of another one:\n%s", diff)
	}
}
