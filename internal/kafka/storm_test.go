package kafka_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
)

func TestRebalanceStormLosesNothing(t *testing.T) {
	cluster, cfg := fake(t, kfake.NumBrokers(3))
	topic, group := newTopic(t, cfg, 6), name(t, "group")
	var got tally
	run(t, cfg, groupOptions(group, topic), got.consume)
	const seed = 42
	random := rand.New(rand.NewPCG(seed, seed))
	total := 0
	var stops []func()
	for range 12 {
		publish(t, cfg, topic, total, total+200)
		total += 200
		switch random.IntN(4) {
		case 0:
			cluster.RehashCoordinators()
		case 1:
			cluster.ShufflePartitionLeaders()
		case 2:
			if len(stops) > 0 {
				stops[0]()
				stops = stops[1:]
				break
			}
			fallthrough
		default:
			stops = append(stops, run(t, cfg, groupOptions(group, topic), got.consume))
		}
		// Long enough for some rebalances to finish, short enough to interrupt others.
		time.Sleep(time.Duration(random.IntN(300)) * time.Millisecond)
	}
	eventually(t, "all records", func() bool { return got.distinct() == total })
	eventually(t, "all committed", func() bool { return totalLag(t, cfg, group, topic) == 0 })
	t.Logf("%d records, delivered %d times", total, len(got.all()))
}
