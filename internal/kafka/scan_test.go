package kafka_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/rapport-project/rapport/internal/kafka"
)

func scanReadsItsSpanAlone(t *testing.T, cfg kafka.Config) {
	topic := newTopic(t, cfg, 1)
	publish(t, cfg, topic, 0, 300)
	for _, span := range []struct{ from, to int64 }{{0, 300}, {17, 18}, {100, 250}, {299, 300}, {5, 5}} {
		var got, want []string
		err := kafka.Scan(testContext(t), cfg, kafka.Span{Topic: topic, From: span.from, To: span.to}, func(msgs []kafka.Message) error {
			for _, m := range msgs {
				got = append(got, fmt.Sprint(m.Offset, "=", string(m.Value)))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for i := span.from; i < span.to; i++ {
			want = append(want, fmt.Sprint(i, "=", i))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%v: %s", span, diff)
		}
	}
	stop := errors.New("enough")
	if err := kafka.Scan(testContext(t), cfg, kafka.Span{Topic: topic, To: 300}, func([]kafka.Message) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("%v, want the error of the callback", err)
	}
}

func scanSaysWhatIsGone(t *testing.T, cfg kafka.Config) {
	topic := newTopic(t, cfg, 1)
	publish(t, cfg, topic, 0, 20)
	cut := kadm.Offsets{}
	cut.AddOffset(topic, 0, 12, -1)
	if _, err := kadm.NewClient(franz(t, cfg)).DeleteRecords(testContext(t), cut); err != nil {
		t.Fatal(err)
	}
	err := kafka.Scan(testContext(t), cfg, kafka.Span{Topic: topic, From: 3, To: 20}, func([]kafka.Message) error { return nil })
	var gone *kafka.GoneError
	if !errors.As(err, &gone) || gone.First != 12 || gone.From != 3 {
		t.Errorf("%v, want what is gone", err)
	}
}

func offsetsAtATime(t *testing.T, cfg kafka.Config) {
	topic := newTopic(t, cfg, 1)
	p := newProducer(t, cfg, kafka.ProducerOptions{})
	begun := time.Now().Truncate(time.Millisecond).Add(-time.Hour)
	for i := range 10 {
		m := kafka.Message{Topic: topic, Key: []byte("k"), Value: []byte("v"), Time: begun.Add(time.Duration(i) * time.Minute)}
		if err := p.Publish(testContext(t), m); err != nil {
			t.Fatal(err)
		}
	}
	admin := kafka.NewAdmin(cfg)
	for at, want := range map[time.Duration]int64{-time.Hour: 0, 0: 0, time.Millisecond: 1, 4 * time.Minute: 4, 9 * time.Minute: 9, 10 * time.Minute: 10} {
		got, err := admin.OffsetsAt(testContext(t), topic, begun.Add(at))
		if err != nil || got[0] != want {
			t.Errorf("%s: %v %v, want %d", at, got, err, want)
		}
	}
}
