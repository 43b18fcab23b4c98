package kafka_test

import (
	"strconv"
	"testing"
	"time"

	embedded "github.com/rapport-project/rapport/embedded/kafka"
	"github.com/rapport-project/rapport/embedded/kafka/kafkatest"
	"github.com/rapport-project/rapport/internal/kafka"
)

func brokerDownAndBack(t *testing.T, b kafkatest.Broker) {
	if b.Real {
		p := kafkatest.StartReal(t)
		downAndBack(t, p.Addr(), func() error { p.Kill(); return nil }, p.Start)
		return
	}
	dir := t.TempDir()
	start := func(addr string) *embedded.Broker {
		b := embedded.New(embedded.Options{DataDir: dir, Addr: addr})
		if err := b.Start(testContext(t)); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = b.Close() })
		return b
	}
	own := start("127.0.0.1:0")
	addr := own.Addr()
	downAndBack(t, addr, func() error { return own.Close() }, func() error { own = start(addr); return nil })
}

func downAndBack(t *testing.T, addr string, down, up func() error) {
	cfg := config(addr)
	topic, group := newTopic(t, cfg, 2), name(t, "group")
	p := newProducer(t, cfg, kafka.ProducerOptions{RequestTimeout: time.Second})
	publishAll := func(from, to int) {
		for i := from; i < to; i++ {
			m := kafka.Message{Topic: topic, Key: []byte(strconv.Itoa(i)), Value: []byte(strconv.Itoa(i))}
			eventually(t, "publish", func() bool { return p.Publish(testContext(t), m) == nil })
		}
	}
	publishAll(0, 50)
	var got tally
	run(t, cfg, groupOptions(group, topic), got.consume)
	eventually(t, "the first half", func() bool { return got.distinct() == 50 })

	for round := range 2 {
		if err := down(); err != nil {
			t.Fatal(err)
		}
		if err := p.Publish(testContext(t), kafka.Message{Topic: topic, Value: []byte("0")}); err == nil {
			t.Error("published to a broker that is down")
		}
		if err := kafka.NewAdmin(cfg).Ping(testContext(t)); err == nil {
			t.Error("a broker that is down answers")
		}
		if err := up(); err != nil {
			t.Fatal(err)
		}
		back := time.Now()
		publishAll(50+25*round, 75+25*round)
		eventually(t, "records written after the outage", func() bool { return got.distinct() == 75+25*round })
		t.Logf("resumed in %s", time.Since(back))
	}
	eventually(t, "all committed", func() bool { return totalLag(t, cfg, group, topic) == 0 })
}
