package pipeline_test

import (
	"context"
	"io"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	embeddedkafka "github.com/rapport-project/rapport/embedded/kafka"
	"github.com/rapport-project/rapport/embedded/kafka/kafkatest"
	"github.com/rapport-project/rapport/internal/kafka"
	"github.com/rapport-project/rapport/pipeline"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
)

// plant is a broker that can be restarted, and what members of the two groups write to.
type plant struct {
	t      *testing.T
	stop   func()
	start  func()
	cfg    kafka.Config
	memory *sinks.Memory

	mu    sync.Mutex
	stale []schemas.Day
}

// onEach runs a test on a plant of each kind of broker.
func onEach(t *testing.T, test func(t *testing.T, p *plant)) {
	t.Run(kafkatest.OnEmbedded, func(t *testing.T) { test(t, newPlant(t, embeddedBroker(t))) })
	t.Run(kafkatest.OnReal, func(t *testing.T) { test(t, newPlant(t, kafkatest.StartReal(t))) })
}

// broker is one that can be stopped and started again on its address and data.
type broker interface {
	Addr() string
	Start() error
	Kill()
}

type embeddedProcess struct {
	t      *testing.T
	broker *embeddedkafka.Broker
	o      embeddedkafka.Options
}

func embeddedBroker(t *testing.T) *embeddedProcess {
	b := &embeddedProcess{t: t, o: embeddedkafka.Options{DataDir: t.TempDir()}}
	if err := b.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Kill)
	return b
}

func (b *embeddedProcess) Addr() string { return b.broker.Addr() }

func (b *embeddedProcess) Start() error {
	b.broker = embeddedkafka.New(b.o)
	err := b.broker.Start(context.Background())
	b.o.Addr = b.broker.Addr()
	return err
}

func (b *embeddedProcess) Kill() {
	if err := b.broker.Close(); err != nil {
		b.t.Error(err)
	}
}

func newPlant(t *testing.T, b broker) *plant {
	p := &plant{t: t, memory: sinks.NewMemory(), cfg: kafka.Config{Brokers: []string{b.Addr()}, ClientID: "test"}}
	p.stop = b.Kill
	p.start = func() {
		if err := b.Start(); err != nil {
			t.Fatal(err)
		}
	}
	large := map[string]string{"max.message.bytes": "4194304"}
	specs := []kafka.TopicSpec{{Name: schemas.TopicSurveyResponses, Partitions: 4, Config: large}, {Name: schemas.TopicDeadLetters, Partitions: 2, Config: large}}
	if err := kafka.NewAdmin(p.cfg).EnsureTopics(context.Background(), specs); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *plant) producer() *kafka.Producer {
	producer := kafka.NewProducer(p.cfg, kafka.ProducerOptions{MaxMessageBytes: 4 << 20})
	p.t.Cleanup(func() {
		if err := producer.Close(); err != nil {
			p.t.Error(err)
		}
	})
	return producer
}

// member joins a group with a pipeline of its own and returns what makes it leave.
func (p *plant) member(group, topic string, build pipeline.Build) (leave func()) {
	line := pipeline.New(pipeline.Options{
		Config: pipeline.Config{
			BatchEvents: 100, BatchBytes: 1 << 20, Linger: 5 * time.Millisecond, StepTimeout: 10 * time.Second,
			RetryMin: 10 * time.Millisecond, RetryMax: 100 * time.Millisecond,
		},
		Name: group, Build: build, Sink: p.memory, Publisher: p.producer(), Log: zerolog.New(io.Discard), Registerer: prometheus.NewRegistry(),
		Mark: func(_ context.Context, days []schemas.Day, _ bool) error {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.stale = append(p.stale, days...)
			return nil
		},
	})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		g := kafka.NewGroup(p.cfg, kafka.GroupOptions{
			GroupID: group, Topics: []string{topic}, SessionTimeout: 2 * time.Second, HeartbeatInterval: 100 * time.Millisecond, OnGap: line.Gap,
		})
		done <- g.Run(ctx, func(ctx context.Context, c *kafka.Claim) error { return line.Handle(ctx, c) })
	}()
	leave = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			p.t.Error(err)
		}
	})
	p.t.Cleanup(leave)
	return leave
}

func (p *plant) drained(group, topic string) func() bool {
	return func() bool {
		lags, err := kafka.NewAdmin(p.cfg).Lag(context.Background(), group, []string{topic})
		var sum int64
		for _, l := range lags {
			sum += l.Lag
		}
		return err == nil && sum == 0
	}
}

// TestGroupsMakeEveryRecordCount has members come and go and the broker restarted under them: what is stored is what one
// pass over all records comes to.
func TestGroupsMakeEveryRecordCount(t *testing.T) { onEach(t, groupsMakeEveryRecordCount) }

func groupsMakeEveryRecordCount(t *testing.T, p *plant) {
	build := events(t, 0)
	const group, lettersGroup = "events", "letters"
	leave := p.member(group, schemas.TopicSurveyResponses, build)
	p.member(lettersGroup, schemas.TopicDeadLetters, pipeline.DeadLetters)

	all := deliveries(t, 1500)
	producer := p.producer()
	publish := func(share int) {
		var msgs []kafka.Message
		for _, e := range all[share*len(all)/4 : (share+1)*len(all)/4] {
			msgs = append(msgs, kafka.Message{Topic: schemas.TopicSurveyResponses, Key: []byte(e.Key), Value: e.Value, Headers: e.Headers, Time: appended})
		}
		if err := producer.Publish(context.Background(), msgs...); err != nil {
			t.Fatal(err)
		}
	}
	publish(0)
	p.member(group, schemas.TopicSurveyResponses, build)
	publish(1)
	eventually(t, "some facts", func() bool { return len(p.memory.Contents().Responses) > 100 })
	p.stop()
	p.start()
	publish(2)
	leave()
	publish(3)
	eventually(t, "all events committed", p.drained(group, schemas.TopicSurveyResponses))
	eventually(t, "all dead letters committed", p.drained(lettersGroup, schemas.TopicDeadLetters))

	one := build(records(all, 0))
	want := sinks.NewMemory()
	if err := want.Write(context.Background(), one.Facts); err != nil {
		t.Fatal(err)
	}
	got := p.memory.Contents()
	whole := want.Contents()
	if diff := gocmp.Diff(whole.Responses, got.Responses); diff != "" {
		t.Errorf("responses: %s", diff)
	}
	if diff := gocmp.Diff(whole.Invitations, got.Invitations); diff != "" {
		t.Errorf("invitations: %s", diff)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if diff := gocmp.Diff(days(one.Stale), days(p.stale)); diff != "" {
		t.Errorf("stale days: %s", diff)
	}
	if len(got.DeadLetters) != len(one.Poison) || len(got.Gaps) != 0 {
		t.Errorf("%d dead letters, want %d; gaps %v", len(got.DeadLetters), len(one.Poison), got.Gaps)
	}
	checkAccounts(t, got, len(all), len(one.Poison))
}

// checkAccounts counts offsets, which redelivery may have told of twice, but never in two ways.
func checkAccounts(t *testing.T, b sinks.Batch, received, rejected int) {
	t.Helper()
	type place struct {
		partition int32
		offset    int64
	}
	seen := map[place]schemas.Verdict{}
	refused := 0
	for _, c := range b.Consumed {
		for at := c.First; at <= c.Last; at++ {
			where := place{c.Partition, at}
			was, twice := seen[where]
			if twice && was != c.Verdict {
				t.Fatalf("%v is %s and %s", where, was, c.Verdict)
			}
			if !twice && c.Verdict == schemas.Rejected {
				refused++
			}
			seen[where] = c.Verdict
		}
	}
	if len(seen) != received || refused != rejected {
		t.Fatalf("%d offsets accounted for, %d of them rejected; want %d and %d", len(seen), refused, received, rejected)
	}
}

// TestWellCompressedGiantDoesNotStopItsPartition sends a record that the broker takes, being small when compressed, and that
// is too large to be published again as it came.
func TestWellCompressedGiantDoesNotStopItsPartition(t *testing.T) { onEach(t, wellCompressedGiant) }

func wellCompressedGiant(t *testing.T, p *plant) {
	p.member("events", schemas.TopicSurveyResponses, events(t, 0))
	p.member("letters", schemas.TopicDeadLetters, pipeline.DeadLetters)
	giants := kafka.NewProducer(p.cfg, kafka.ProducerOptions{MaxMessageBytes: 16 << 20})
	defer func() {
		if err := giants.Close(); err != nil {
			t.Error(err)
		}
	}()
	giant := kafka.Message{Topic: schemas.TopicSurveyResponses, Key: []byte("k"), Value: make([]byte, 6<<20)}
	if err := giants.Publish(t.Context(), giant); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a dead letter", func() bool { return len(p.memory.Contents().DeadLetters) == 1 })
	d := p.memory.Contents().DeadLetters[0]
	if d.Reason != string(schemas.TooLarge) || d.Key != "k" || len(d.Value) < 3<<20 || len(d.Value) > 4<<20 {
		t.Fatalf("%s, key %q, %d bytes: %s", d.Reason, d.Key, len(d.Value), d.Detail)
	}
	eventually(t, "the giant committed", p.drained("events", schemas.TopicSurveyResponses))
}
