package faults

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/rapport-project/rapport/internal/e2e"
	"github.com/rapport-project/rapport/internal/faults/kafkaproxy"
	"github.com/rapport-project/rapport/schemas"
)

// groups of rapport.
var groups = []string{e2e.GroupEvents, e2e.GroupDeadLetters, e2e.GroupOutcomes, e2e.GroupRollups}

// few is short under -short, and the shortest on the second broker then.
func few(on On, all, short, shortest int) int {
	switch {
	case !partly():
		return all
	case on.Real:
		return shortest
	}
	return short
}

// lasts is how long an outage goes on: longer than a session, for its duration is part of the fault and nothing is asserted by it.
func (x *Trial) lasts() {
	time.Sleep(time.Duration(1500+x.rng.IntN(3000)) * time.Millisecond)
}

// TestBrokerDownAndBack: kill -9 of the broker under load, and a start on the same data.
func TestBrokerDownAndBack(t *testing.T) { OnEach(t, brokerDownAndBack) }

func brokerDownAndBack(t *testing.T, on On) {
	x := Begin(t, Plan{
		Fault: "kill -9 of the broker, back on the same data after seconds", Binary: rapport, On: on,
		Members: 2, HTTP: true, Poison: 1, Endless: true, Pace: 300 * time.Millisecond,
	})
	for _, at := range x.Moments(few(on, 4, 2, 1)) {
		x.At(at)
		x.Broker.Kill()
		x.Injected()
		x.lasts()
		if err := x.Broker.Start(); err != nil {
			t.Fatal(err)
		}
		x.ready()
	}
	x.grows(0, "rapport_kafka_fetch_errors_total")
	x.Finish()
}

// TestNetworkDownAndHalfOpen: no way to the broker, and connections that hold and on which nothing comes back.
func TestNetworkDownAndHalfOpen(t *testing.T) { OnEach(t, networkDownAndHalfOpen) }

func networkDownAndHalfOpen(t *testing.T, on On) {
	x := Begin(t, Plan{
		Fault: "network to the broker down; half-open: connections held, nothing answered", Binary: rapport, On: on,
		Members: 2, HTTP: true, Poison: 1, Endless: true, Pace: 300 * time.Millisecond,
	})
	for i, at := range x.Moments(few(on, 6, 2, 2)) {
		x.At(at)
		if i%2 == 0 {
			x.Kafka.Down()
			x.lasts()
			x.Kafka.Up()
			x.grows(0, "rapport_kafka_fetch_errors_total")
		} else {
			var held atomic.Int64
			mended := make(chan struct{})
			x.Kafka.Set(func(kafkaproxy.Request) kafkaproxy.Action {
				return kafkaproxy.Action{Before: func() error { held.Add(1); <-mended; return errGone }}
			})
			x.lasts()
			x.Kafka.Set(nil)
			close(mended) // what was held breaks, as a connection does whose other end has forgotten it
			if held.Load() == 0 {
				t.Error("no request was held")
			}
		}
		x.Injected()
		x.ready()
	}
	x.Finish()
}

// TestCoordinatorAndLeaderErrors: for a time every request of a kind is answered with an error of a moving cluster.
func TestCoordinatorAndLeaderErrors(t *testing.T) { OnEach(t, coordinatorAndLeaderErrors) }

func coordinatorAndLeaderErrors(t *testing.T, on On) {
	x := Begin(t, Plan{
		Fault: "the cluster moves: not the leader, not the coordinator, coordinator loading or not there, rebalance", Binary: rapport, On: on,
		Members: 2, HTTP: true, Poison: 1, Endless: true, Pace: 300 * time.Millisecond,
	})
	moves := []struct {
		name string
		act  func(r kafkaproxy.Request) (kafkaproxy.Action, bool)
	}{
		{"not leader: produce", func(r kafkaproxy.Request) (kafkaproxy.Action, bool) {
			p, ok := r.Body.(*kmsg.ProduceRequest)
			if !ok || r.Client != "rapport" {
				return kafkaproxy.Action{}, false
			}
			return kafkaproxy.RefuseProduce(p, 6), true
		}},
		{"not leader: fetch and offsets", func(r kafkaproxy.Request) (kafkaproxy.Action, bool) { return kafkaproxy.DenyPartitions(r, 6) }},
		{"not coordinator", func(r kafkaproxy.Request) (kafkaproxy.Action, bool) { return kafkaproxy.RefuseGroup(r, 16) }},
		{"coordinator loading", func(r kafkaproxy.Request) (kafkaproxy.Action, bool) { return kafkaproxy.RefuseGroup(r, 14) }},
		{"no coordinator", func(r kafkaproxy.Request) (kafkaproxy.Action, bool) { return kafkaproxy.RefuseGroup(r, 15) }},
		{"rebalance", func(r kafkaproxy.Request) (kafkaproxy.Action, bool) {
			if r.Body.Key() == int16(kmsg.FindCoordinator) {
				return kafkaproxy.Action{}, false
			}
			return kafkaproxy.RefuseGroup(r, 27)
		}},
	}
	x.rng.Shuffle(len(moves), func(i, j int) { moves[i], moves[j] = moves[j], moves[i] })
	for _, move := range moves[:few(on, len(moves), 4, 2)] {
		var met atomic.Int64
		x.Kafka.Set(func(r kafkaproxy.Request) kafkaproxy.Action {
			a, ok := move.act(r)
			if ok {
				met.Add(1)
				x.Injected()
			}
			return a
		})
		x.Wait(move.name+" met by requests", func() error { return atLeast(met.Load(), 5) })
		x.lasts()
		x.Kafka.Set(nil)
		t.Logf("%s: %d requests", move.name, met.Load())
	}
	x.Finish()
}

// TestCommitsThatFail: commits of each group fail, of which the broker did some and some not.
func TestCommitsThatFail(t *testing.T) { OnEach(t, commitsThatFail) }

func commitsThatFail(t *testing.T, on On) {
	x := Begin(t, Plan{
		Fault: "commits of each group refused with each error, done with the answer lost, cut off", Binary: rapport, On: on,
		Poison: 1, Endless: true, Pace: 300 * time.Millisecond,
	})
	var deeds []func(kafkaproxy.Request) kafkaproxy.Action
	for _, code := range []int16{
		7, 14, 15, 16, // REQUEST_TIMED_OUT, COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR
		22, 25, 27, // ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID, REBALANCE_IN_PROGRESS
		-1, // UNKNOWN_SERVER_ERROR
	} {
		deeds = append(deeds, func(r kafkaproxy.Request) kafkaproxy.Action {
			return kafkaproxy.RefuseCommit(r.Body.(*kmsg.OffsetCommitRequest), code)
		})
	}
	deeds = append(deeds, func(kafkaproxy.Request) kafkaproxy.Action { return kafkaproxy.Swallow() }, func(kafkaproxy.Request) kafkaproxy.Action { return kafkaproxy.Cut() })
	x.rng.Shuffle(len(deeds), func(i, j int) { deeds[i], deeds[j] = deeds[j], deeds[i] })
	s := ordeal{x: x, deeds: deeds[:few(on, len(deeds), 3, 2)], next: map[string]int{}}
	x.Kafka.Set(func(r kafkaproxy.Request) kafkaproxy.Action { return s.act(r.Commits(), r) })
	for _, group := range groups {
		x.Wait("each failure of commits met", func() error { return s.done(group) })
	}
	x.grows(0, "rapport_kafka_commits_total", `result="error"`)
	x.Finish()
	if x.fetched.again() == 0 {
		t.Error("nothing was delivered again")
	}
}

// TestProducesThatFail: publishing fails in each way that it can, of which the broker has appended what was sent in some.
func TestProducesThatFail(t *testing.T) { OnEach(t, producesThatFail) }

func producesThatFail(t *testing.T, on On) {
	x := Begin(t, Plan{
		Fault:  "produce of events over HTTP, dead letters and marks: refused without an append and with one, appended with the answer lost, cut off",
		Binary: rapport, On: on, HTTP: true, Poison: 2, Endless: true, Pace: 300 * time.Millisecond,
	})
	deeds := []func(kafkaproxy.Request) kafkaproxy.Action{
		func(kafkaproxy.Request) kafkaproxy.Action { return kafkaproxy.Swallow() },
		func(kafkaproxy.Request) kafkaproxy.Action { return kafkaproxy.Cut() },
		func(kafkaproxy.Request) kafkaproxy.Action { return kafkaproxy.DenyProduce(20) }, // NOT_ENOUGH_REPLICAS_AFTER_APPEND
		func(kafkaproxy.Request) kafkaproxy.Action { return kafkaproxy.DenyProduce(7) },  // REQUEST_TIMED_OUT, though appended
	}
	for _, code := range []int16{19, 7, 56} { // NOT_ENOUGH_REPLICAS, REQUEST_TIMED_OUT, KAFKA_STORAGE_ERROR
		deeds = append(deeds, func(r kafkaproxy.Request) kafkaproxy.Action {
			return kafkaproxy.RefuseProduce(r.Body.(*kmsg.ProduceRequest), code)
		})
	}
	x.rng.Shuffle(len(deeds), func(i, j int) { deeds[i], deeds[j] = deeds[j], deeds[i] })
	s := ordeal{x: x, deeds: deeds[:few(on, len(deeds), len(deeds), 4)], next: map[string]int{}}
	x.Kafka.Set(func(r kafkaproxy.Request) kafkaproxy.Action {
		if topics := r.Topics(); len(topics) > 0 && r.Client == "rapport" {
			return s.act(topics[0], r)
		}
		return kafkaproxy.Action{}
	})
	targets := append([]string{schemas.TopicDeadLetters, schemas.TopicStaleDays, schemas.TopicStaleEntities}, eventTopics...)
	for _, topic := range targets {
		x.Wait("each failure of publishing met", func() error { return s.done(topic) })
	}
	x.Finish()
}

// TestCorruptRecordsOnTheWire: a bit of the records is flipped under way in every other fetch for a time.
func TestCorruptRecordsOnTheWire(t *testing.T) { OnEach(t, corruptRecordsOnTheWire) }

func corruptRecordsOnTheWire(t *testing.T, on On) {
	x := Begin(t, Plan{
		Fault: "records corrupt on the wire: a bit flipped in every other fetch that brings some", Binary: rapport, On: on,
		Poison: 1, Endless: true, Pace: 100 * time.Millisecond,
	})
	var fetches, flipped atomic.Int64
	x.Kafka.Set(func(r kafkaproxy.Request) kafkaproxy.Action {
		if r.Body.Key() != int16(kmsg.Fetch) || fetches.Add(1)%2 == 0 {
			return kafkaproxy.Action{}
		}
		flip := kafkaproxy.Corrupt().Answer
		return kafkaproxy.Action{Answer: func(answer kmsg.Response) {
			for _, topic := range answer.(*kmsg.FetchResponse).Topics {
				for _, p := range topic.Partitions {
					if len(p.RecordBatches) > 100 {
						flipped.Add(1)
						x.Injected()
					}
				}
			}
			flip(answer)
		}}
	})
	x.Wait("records corrupted", func() error { return atLeast(flipped.Load(), int64(few(on, 200, 60, 30))) })
	x.grows(float64(flipped.Load())/2, "rapport_kafka_fetch_errors_total") // an answer may go to a reader that has left
	x.Finish()
}
