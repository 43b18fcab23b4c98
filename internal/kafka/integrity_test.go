package kafka_test

import (
	"fmt"
	"net"
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/rapport-project/rapport/internal/kafka"
)

func TestCorruptedBytesAreNotDelivered(t *testing.T) {
	var flip atomic.Bool
	_, cfg := fake(t, kfake.ListenFn(func(network, address string) (net.Listener, error) {
		l, err := net.Listen(network, address)
		return flippingListener{l, &flip}, err
	}))
	topic := newTopic(t, cfg, 1)
	p := newProducer(t, cfg, kafka.ProducerOptions{Compression: "none"})
	if err := p.Publish(testContext(t), kafka.Message{Topic: topic, Value: []byte("PAYLOAD-GOOD")}); err != nil {
		t.Fatal(err)
	}
	flip.Store(true)
	var got tally
	run(t, cfg, groupOptions(name(t, "group"), topic), got.consume)
	eventually(t, "the record once the line is clean", func() bool { return got.distinct() > 0 })
	if v := string(got.all()[0].Value); v != "PAYLOAD-GOOD" || flip.Load() {
		t.Errorf("delivered %q, corrupted a response: %v", v, !flip.Load())
	}
}

// flippingListener damages the first response that carries the payload.
type flippingListener struct {
	net.Listener
	on *atomic.Bool
}

type flippingConn struct {
	net.Conn
	on *atomic.Bool
}

func (l flippingListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return flippingConn{c, l.on}, nil
}

func (c flippingConn) Write(b []byte) (int, error) {
	if c.on.Load() {
		for i := 0; i+4 <= len(b); i++ {
			if string(b[i:i+4]) == "GOOD" {
				c.on.Store(false)
				b = append([]byte(nil), b...)
				copy(b[i:], "EVIL")
				break
			}
		}
	}
	return c.Conn.Write(b)
}

func TestAbortedTransactionsAreNotDelivered(t *testing.T) {
	onEach(t, abortedTransactionsAreNotDelivered)
}

func abortedTransactionsAreNotDelivered(t *testing.T, cfg kafka.Config) {
	topic, group := newTopic(t, cfg, 1), name(t, "group")
	ctx := testContext(t)
	client := franz(t, cfg, kgo.TransactionalID(name(t, "txn")), kgo.DefaultProduceTopic(topic))
	for i := range 10 {
		if err := client.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		commit := kgo.TransactionEndTry(i%2 == 0)
		for j := range 3 {
			if err := client.ProduceSync(ctx, kgo.StringRecord(fmt.Sprintf("%v-%d-%d", commit, i, j))).FirstErr(); err != nil {
				t.Fatal(err)
			}
			publish(t, cfg, topic, 100*i+j, 100*i+j+1) // plain records in between
		}
		if err := client.EndTransaction(ctx, commit); err != nil {
			t.Fatal(err)
		}
	}
	var got tally
	run(t, cfg, groupOptions(group, topic), got.consume)
	eventually(t, "the committed and the plain ones", func() bool { return got.distinct() == 15+30 })
	// The last marker has no record after it, with which it could be committed.
	eventually(t, "no lag behind a marker", func() bool { return totalLag(t, cfg, group, topic) == 0 })
	publish(t, cfg, topic, 5000, 5001)
	eventually(t, "the last one", func() bool { return got.distinct() == 46 })
	for _, m := range got.all() {
		if string(m.Value[:min(5, len(m.Value))]) == "false" {
			t.Errorf("delivered %q of an aborted transaction", m.Value)
		}
	}
	eventually(t, "no lag", func() bool { return totalLag(t, cfg, group, topic) == 0 })
}
