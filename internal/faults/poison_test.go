package faults

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/rapport-project/rapport/internal/e2e"
	"github.com/rapport-project/rapport/internal/faults/kafkaproxy"
	"github.com/rapport-project/rapport/internal/generator"
	"github.com/rapport-project/rapport/schemas"
)

// TestPoisonWithDeadLettersDown: bad records of all kinds in bulk while the topic of dead letters refuses, then hangs. No partition goes past one.
func TestPoisonWithDeadLettersDown(t *testing.T) { OnEach(t, poisonWithDeadLettersDown) }

func poisonWithDeadLettersDown(t *testing.T, on On) {
	x := Prepare(t, Plan{
		Fault:  "bad records of all kinds in bulk and bodies of 10 MB, the topic of dead letters refusing, then hanging",
		Binary: rapport, On: on, Poison: few(on, 20, 6, 3), Stories: 400, Pace: 10 * time.Millisecond,
	})
	letters := producesTo(schemas.TopicDeadLetters)
	var refused, hanging atomic.Int64
	mended := make(chan struct{})
	hang := atomic.Bool{}
	x.Kafka.Set(func(r kafkaproxy.Request) kafkaproxy.Action {
		switch {
		case !letters(r):
			return kafkaproxy.Action{}
		case hang.Load():
			hanging.Add(1)
			return kafkaproxy.Action{Before: func() error { <-mended; return errGone }}
		}
		refused.Add(1)
		x.Injected()
		return kafkaproxy.RefuseProduce(r.Body.(*kmsg.ProduceRequest), 19) // NOT_ENOUGH_REPLICAS
	})
	mend := sync.OnceFunc(func() { close(mended) })
	t.Cleanup(mend)
	m := x.Members[0]
	m.Up()
	x.Load()
	for range 5 {
		if a, err := m.Post("/v1/events", "application/x-ndjson", make([]byte, 10<<20)); err == nil && a.Status != http.StatusRequestEntityTooLarge {
			t.Errorf("10 MB: %d, want 413 or a closed connection", a.Status)
		}
	}
	x.At(1)
	x.Wait("letters refused", func() error { return atLeast(refused.Load(), 5) })
	x.heldAtPoison()
	hang.Store(true)
	x.Wait("letters hanging", func() error { return atLeast(hanging.Load(), 1) })
	x.Injected()
	x.lasts()
	x.heldAtPoison()
	x.Kafka.Set(nil)
	mend()
	x.Finish()
	planted := 0
	x.placed.each(func(_ place, _ int64, e generator.Event) {
		if e.Refused != "" {
			planted++
		}
	})
	var stored uint64
	if err := x.Direct.Conn().QueryRow(context.Background(), "SELECT uniqExact(topic, partition, offset) FROM rapport.dead_letters").Scan(&stored); err != nil {
		t.Fatal(err)
	}
	if int(stored) != planted {
		t.Errorf("%d dead letters, want the %d that were planted", stored, planted)
	}
}

// heldAtPoison checks that nothing beyond a partition's first bad record is committed.
func (x *Trial) heldAtPoison() {
	x.t.Helper()
	at, err := x.committed(e2e.GroupEvents)
	if err != nil {
		x.t.Fatal(err)
	}
	x.placed.each(func(p place, offset int64, e generator.Event) {
		if e.Refused != "" && at[p] > offset {
			x.t.Errorf("%v is committed to %d, past the bad record at %d whose letter is nowhere", p, at[p], offset)
		}
	})
}

// TestDeadLettersTopicMadeAnew: the topic of dead letters is deleted while bad records come, and made again.
func TestDeadLettersTopicMadeAnew(t *testing.T) { OnEach(t, deadLettersTopicMadeAnew) }

func deadLettersTopicMadeAnew(t *testing.T, on On) {
	x := Prepare(t, Plan{
		Fault: "the topic of dead letters deleted and made anew while bad records come", Binary: rapport, On: on, Poison: 2, Upto: 0.5, Pace: 20 * time.Millisecond,
	})
	x.Members[0].Up()
	x.Load()
	x.Upto(0.5)
	x.drained(e2e.GroupEvents)
	x.drained(e2e.GroupDeadLetters) // what nobody read of a deleted topic is gone with it
	admin := x.admin()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	if _, err := admin.DeleteTopic(ctx, schemas.TopicDeadLetters); err != nil {
		t.Fatal(err)
	}
	x.Injected()
	x.Upto(1)
	x.grows(0, "rapport_pipeline_retries_total", `step="dead_letters"`)
	x.Wait("dead letters' topic made anew", func() error {
		_, err := admin.CreateTopic(ctx, 4, 1, nil, schemas.TopicDeadLetters)
		return err
	})
	x.Finish()
}
