package faults

import (
	"sync"

	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/rapport-project/rapport/internal/faults/kafkaproxy"
)

// place is where a record is.
type place struct {
	topic     string
	partition int32
}

// fetched counts the records that rapport was given more than once.
type fetched struct {
	mu    sync.Mutex
	seen  map[place]map[int64]struct{}
	twice int
}

func (f *fetched) add(r kafkaproxy.Request, answer kmsg.Response) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.seen == nil {
		f.seen = map[place]map[int64]struct{}{}
	}
	for _, t := range answer.(*kmsg.FetchResponse).Topics {
		for _, p := range t.Partitions {
			at := place{t.Topic, p.Partition}
			if f.seen[at] == nil {
				f.seen[at] = map[int64]struct{}{}
			}
			for offset := range offsets(p.RecordBatches) {
				if _, again := f.seen[at][offset]; again {
					f.twice++
				}
				f.seen[at][offset] = struct{}{}
			}
		}
	}
}

func (f *fetched) again() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.twice
}
