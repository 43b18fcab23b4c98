package faults

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/rapport-project/rapport/internal/e2e"
)

// accounted checks, at whatever moment, that no offset of events is committed that is not accounted for in the store: no commit went past a
// batch that failed.
func (x *Trial) accounted() {
	x.t.Helper()
	if err := x.unaccounted(); err != nil {
		x.t.Error(err)
	}
}

// unaccounted names an offset that is committed and not accounted for; nil where there is none.
func (x *Trial) unaccounted() error {
	x.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	client := x.Direct.Client()
	defer client.Close()
	// The offsets first: what is stored later can only be more.
	committed, err := kadm.NewClient(client).FetchOffsets(ctx, e2e.GroupEvents)
	if errors.Is(err, kerr.GroupIDNotFound) {
		return nil // nothing was committed yet
	}
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
	var found error
	committed.Each(func(o kadm.OffsetResponse) {
		for offset := range o.At {
			if !held[place{o.Topic, o.Partition}][offset] {
				found = fmt.Errorf("offset %d of %s/%d is committed (up to %d) and not accounted for", offset, o.Topic, o.Partition, o.At)
				return
			}
		}
	})
	return found
}

// stored waits until some events are: all stages have begun their work.
func (x *Trial) stored() {
	x.t.Helper()
	x.Wait("storing events", func() error {
		var facts, days uint64
		err := x.Direct.Conn().QueryRow(context.Background(), "SELECT (SELECT count() FROM rapport_store.consumed), (SELECT count() FROM rapport_store.contact_days)").Scan(&facts, &days)
		if err == nil && (facts == 0 || days == 0) {
			err = fmt.Errorf("%d ranges of offsets and %d days of contacts are stored", facts, days)
		}
		return err
	})
}
