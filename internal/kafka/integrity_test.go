package kafka_test

import (
	"fmt"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/rapport-project/rapport/internal/kafka"
)

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
