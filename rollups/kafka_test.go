package rollups

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/embedded/kafka/kafkatest"
	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/schemas"
)

// TestOnKafka runs roller and sweeper on a broker and a store: a mark is answered, a lost one is found by the sweeper.
func TestOnKafka(t *testing.T) {
	t.Run(kafkatest.OnEmbedded, func(t *testing.T) { onKafka(t, kafkatest.Start(t)) })
	t.Run(kafkatest.OnReal, func(t *testing.T) { onKafka(t, kafkatest.StartReal(t).Addr()) })
}

func onKafka(t *testing.T, addr string) {
	r := newRig(t, fakeSettings{})
	cfg := kafka.Config{Brokers: []string{addr}, ClientID: "rollups-test"}
	admin := kafka.NewAdmin(cfg)
	if err := admin.EnsureTopics(t.Context(), []kafka.TopicSpec{{Name: schemas.TopicStaleDays, Partitions: 3}, {Name: schemas.TopicSurveyResponses, Partitions: 2}}); err != nil {
		t.Fatal(err)
	}
	producer := kafka.NewProducer(cfg, kafka.ProducerOptions{})
	t.Cleanup(func() { _ = producer.Close() })
	settings := r.settings
	epochs := NewEpochs(EpochsOptions{Conn: r.conn, Settings: settings, Positions: admin, Publisher: producer, Group: "roll", Log: zerolog.Nop()})
	recomputer := NewRecomputer(Options{Conn: r.conn, Settings: settings, Epochs: epochs.Of})
	roller := NewRoller(RollerOptions{
		Config: Config{Linger: 20 * time.Millisecond}, Group: kafka.NewGroup(cfg, kafka.GroupOptions{GroupID: "roll", Topics: []string{schemas.TopicStaleDays}}),
		Answer: recomputer.Answer, Ensure: epochs.Ensure, Log: zerolog.Nop(),
	})
	sweeper := NewSweeper(SweeperOptions{
		Config: Config{SweepPause: 50 * time.Millisecond}, Conn: r.conn, Settings: settings, Recomputer: recomputer, Epochs: epochs, Positions: admin, Publisher: producer,
		Processors: Consumers{"process", []string{schemas.TopicSurveyResponses}}, Rollers: "roll", Leads: roller.Leads, Log: zerolog.Nop(),
	})
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for _, run := range []func(context.Context) error{roller.Run, sweeper.Run} {
		wg.Go(func() {
			if err := run(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	defer wg.Wait()
	defer cancel()

	cells := func(day string) int { return len(r.stored()[rowKey{SatisfactionDays, "t", "", day}]) }
	r.write(response("t", "1", at(t, "2026-05-04T12:00:00Z"), 80), response("t", "2", at(t, "2026-05-05T12:00:00Z"), 80))
	if err := Mark(t.Context(), producer, []schemas.Day{{Tenant: "t", Date: "2026-05-04"}}); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool { return cells("2026-05-04") == 1 })
	eventually(t, func() bool { return cells("2026-05-05") == 1 })
}
