package kafka_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/rapport-project/rapport/internal/kafka"
)

// TestMovingClusterLosesNothing: the fake broker can move leaders and coordinators.
func TestMovingClusterLosesNothing(t *testing.T) {
	cluster, cfg := fake(t, kfake.NumBrokers(3))
	storm(t, cfg, cluster.RehashCoordinators, cluster.ShufflePartitionLeaders)
}

// storm has members come and go, and the cluster move what it can, while records are written.
func storm(t *testing.T, cfg kafka.Config, moves ...func()) {
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
		switch what := random.IntN(2 + len(moves)); {
		case what >= 2:
			moves[what-2]()
		case what == 1 && len(stops) > 0:
			stops[0]()
			stops = stops[1:]
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
