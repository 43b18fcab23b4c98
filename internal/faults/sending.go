package faults

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/rapport-project/rapport/internal/generator"
)

// Load starts sending what there is to send.
func (x *Trial) Load() {
	through := x.Direct
	if x.plan.Through {
		through = x.Members[0]
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	x.t.Cleanup(cancel)
	opts := []kgo.Opt{
		kgo.MetadataMaxAge(time.Second), kgo.MetadataMinAge(100 * time.Millisecond), kgo.ProducerBatchMaxBytes(4 << 20),
		kgo.RetryTimeout(3 * time.Second), kgo.ProduceRequestTimeout(time.Second),
	}
	if x.plan.Alter == nil { // the client counts from the record's own time, which may be altered
		opts = append(opts, kgo.RecordDeliveryTimeout(3*time.Second))
	}
	client := through.Client(opts...)
	publish := x.overKafka(client)
	switch {
	case x.plan.HTTP:
		publish = x.overHTTP(publish)
	case x.plan.Transactions != nil:
		publish = x.inTransactions(through.Client(kgo.ProducerBatchMaxBytes(4<<20), kgo.TransactionalID("faults")), x.plan.Transactions)
	}
	r := rhythm{pace: x.plan.Pace, upto: -1}
	if x.plan.Endless {
		r.endless = generator.NewRand(x.seed + 1)
	}
	if x.plan.Upto > 0 {
		r.upto = int(x.plan.Upto * float64(len(x.sent)))
	}
	x.load = startLoad(ctx, publish, x.sent, r)
}

// Upto lets a load that paused go on to a share, 0 to 1, of itself, and waits until it is there.
func (x *Trial) Upto(share float64) {
	x.t.Helper()
	x.load.upto(int(share * float64(len(x.sent))))
	x.At(float64(int(share*float64(len(x.sent)))) / float64(len(x.sent)))
}
