package kafka_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/goleak"

	"github.com/rapport-project/rapport/embedded/kafka"
)

// childDir makes the test binary serve a broker from that directory until it is killed.
const childDir = "RAPPORT_TEST_BROKER_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		b := kafka.New(kafka.Options{DataDir: dir})
		if err := b.Start(context.Background()); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		fmt.Println("addr", b.Addr())
		select {}
	}
	goleak.VerifyTestMain(m)
}

func testContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// child starts a broker in a process of its own.
func child(t *testing.T, dir string) (cmd *exec.Cmd, addr string) {
	t.Helper()
	cmd = exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	addr, ok := strings.CutPrefix(strings.TrimSpace(line), "addr ")
	if !ok {
		t.Fatal(line)
	}
	return cmd, addr
}

func client(t *testing.T, addr string, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	c, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(addr)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestKilledBrokerLosesNothingAcknowledged(t *testing.T) {
	dir, ctx := t.TempDir(), testContext(t)
	const topic, group, partitions = "events", "readers", 3
	acked := map[string]bool{}
	var committed kadm.Offsets
	for round := range 4 {
		cmd, addr := child(t, dir)
		admin := kadm.NewClient(client(t, addr))
		if round == 0 {
			if _, err := admin.CreateTopic(ctx, partitions, 1, nil, topic); err != nil {
				t.Fatal(err)
			}
		} else {
			verify(t, ctx, addr, topic, acked)
			got, err := admin.FetchOffsets(ctx, group)
			if err != nil {
				t.Fatal(err)
			}
			committed.Each(func(o kadm.Offset) {
				if have, ok := got.Lookup(o.Topic, o.Partition); !ok || have.At != o.At {
					t.Errorf("committed offset of partition %d: %d, want %d", o.Partition, have.At, o.At)
				}
			})
		}

		results := make(chan string, 100_000)
		producer := client(t, addr, kgo.ProducerBatchMaxBytes(2000), kgo.RecordDeliveryTimeout(10*time.Second))
		produceCtx, stop := context.WithCancel(ctx)
		done := make(chan struct{})
		go func() {
			defer close(done)
			for i := 0; produceCtx.Err() == nil; i++ {
				value := fmt.Sprintf("%d-%d", round, i)
				producer.Produce(produceCtx, &kgo.Record{Topic: topic, Key: []byte(value), Value: []byte(value)},
					func(r *kgo.Record, err error) {
						if err == nil {
							results <- string(r.Value)
						}
					})
				if i%50 == 0 {
					time.Sleep(time.Millisecond)
				}
			}
		}()
		for range 500 {
			acked[<-results] = true
		}
		committed = kadm.Offsets{}
		for p := range int32(partitions) {
			committed.Add(kadm.Offset{Topic: topic, Partition: p, At: int64(10*round) + int64(p), LeaderEpoch: -1})
		}
		if err := admin.CommitAllOffsets(ctx, group, committed); err != nil {
			t.Fatal(err)
		}
		for range 500 {
			acked[<-results] = true
		}
		if err := cmd.Process.Kill(); err != nil { // while records are on their way
			t.Fatal(err)
		}
		_ = cmd.Wait()
		stop()
		<-done
		producer.Close()
		close(results)
		for v := range results {
			acked[v] = true
		}
	}
	_, addr := child(t, dir)
	verify(t, ctx, addr, topic, acked)
	t.Logf("%d records acknowledged over 4 kills, all there", len(acked))
}

func verify(t *testing.T, ctx context.Context, addr, topic string, acked map[string]bool) {
	t.Helper()
	ends, err := kadm.NewClient(client(t, addr)).ListEndOffsets(ctx, topic)
	if err != nil {
		t.Fatal(err)
	}
	var total int64
	ends.Each(func(o kadm.ListedOffset) { total += o.Offset })
	reader := client(t, addr, kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	seen := map[string]bool{}
	for read := int64(0); read < total; {
		fetches := reader.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatal(err)
		}
		fetches.EachRecord(func(r *kgo.Record) { read++; seen[string(r.Value)] = true })
	}
	for v := range acked {
		if !seen[v] {
			t.Fatalf("record %s was acknowledged and is gone", v)
		}
	}
}

func TestDataDirectoryIsLocked(t *testing.T) {
	dir := t.TempDir()
	cmd, _ := child(t, dir)
	b := kafka.New(kafka.Options{DataDir: dir, LockTimeout: 200 * time.Millisecond})
	err := b.Start(testContext(t))
	if err == nil || !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), strconv.Itoa(cmd.Process.Pid)) {
		t.Fatalf("got %v, want an error that names %s and process %d", err, dir, cmd.Process.Pid)
	}
	ctx, cancel := context.WithCancel(testContext(t))
	cancel()
	if err := kafka.New(kafka.Options{DataDir: dir}).Start(ctx); err == nil {
		t.Error("a cancelled wait for the lock succeeded")
	}

	// A predecessor that goes away while we wait is not an error.
	started := make(chan error, 1)
	next := kafka.New(kafka.Options{DataDir: dir})
	go func() { started <- next.Start(context.Background()) }()
	_ = cmd.Process.Kill()
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	if err := next.Close(); err != nil {
		t.Error(err)
	}
}

func TestAddresses(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", ":9092", "nonsense", "127.0.0.1"} {
		if err := kafka.New(kafka.Options{DataDir: t.TempDir(), Addr: addr}).Start(testContext(t)); err == nil {
			t.Errorf("%s: no error", addr)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	dir := t.TempDir()
	taken := kafka.New(kafka.Options{DataDir: dir, Addr: l.Addr().String(), LockTimeout: 100 * time.Millisecond})
	if err := taken.Start(testContext(t)); err == nil {
		t.Error("took a port that is taken")
	}
	// The failed start must not keep the directory locked.
	b := kafka.New(kafka.Options{DataDir: dir, LockTimeout: time.Millisecond})
	if err := b.Start(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}

func TestRunServesUntilItsContextEnds(t *testing.T) {
	b := kafka.New(kafka.Options{DataDir: filepath.Join(t.TempDir(), "not", "there", "yet"), Addr: "localhost:0"})
	if err := b.Start(testContext(t)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	admin := kadm.NewClient(client(t, b.Addr()))
	if _, err := admin.CreateTopic(testContext(t), 1, 1, nil, "t"); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}

func TestTopicsAreNotCreatedByAsking(t *testing.T) {
	b := kafka.New(kafka.Options{DataDir: t.TempDir()})
	if err := b.Start(testContext(t)); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = b.Close() }()
	c := client(t, b.Addr(), kgo.AllowAutoTopicCreation(), kgo.UnknownTopicRetries(1))
	if err := c.ProduceSync(testContext(t), &kgo.Record{Topic: "ghost", Value: []byte("v")}).FirstErr(); err == nil {
		t.Error("wrote to a topic nobody created")
	}
}
