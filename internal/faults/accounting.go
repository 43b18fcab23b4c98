package faults

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/rapport-project/rapport/internal/e2e"
)

// accounted checks, at whatever moment, that no offset of events is committed that is not accounted for in the store: no commit went past a
// batch that failed.
func (x *Trial) accounted() {
	x.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	client := x.Direct.Client()
	defer client.Close()
	// The offsets first: what is stored later can only be more.
	committed, err := kadm.NewClient(client).FetchOffsets(ctx, e2e.GroupEvents)
	if err != nil {
		x.t.Fatal(err)
	}
	held := map[place]map[int64]bool{}
	rows, err := x.Direct.Conn().Query(ctx, "SELECT topic, partition, first, last FROM rapport_store.consumed")
	if err != nil {
		x.t.Fatal(err)
	}
	for rows.Next() {
		var at place
		var first, last int64
		if err := rows.Scan(&at.topic, &at.partition, &first, &last); err != nil {
			x.t.Fatal(err)
		}
		if held[at] == nil {
			held[at] = map[int64]bool{}
		}
		for o := first; o <= last; o++ {
			held[at][o] = true
		}
	}
	if err := rows.Err(); err != nil {
		x.t.Fatal(err)
	}
	committed.Each(func(o kadm.OffsetResponse) {
		for offset := range o.At {
			if !held[place{o.Topic, o.Partition}][offset] {
				x.t.Errorf("offset %d of %s/%d is committed (up to %d) and not accounted for", offset, o.Topic, o.Partition, o.At)
				return
			}
		}
	})
}
