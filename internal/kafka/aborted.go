package kafka

import (
	"slices"

	"github.com/segmentio/kafka-go/protocol"
	fetchapi "github.com/segmentio/kafka-go/protocol/fetch"
)

// transactional is the batch attribute bit of records written in a transaction.
const transactional = 1 << 4

// aborted tells which batches of a fetch must not be delivered: markers, and the batches of transactions that were
// rolled back. The broker lists those by producer and first offset; a producer's marker ends its transaction.
type aborted struct {
	pending []fetchapi.ResponseTransaction // by first offset
	active  map[int64]bool                 // producers inside an aborted transaction
}

func newAborted(list []fetchapi.ResponseTransaction) *aborted {
	pending := slices.Clone(list)
	slices.SortFunc(pending, func(a, b fetchapi.ResponseTransaction) int { return int(a.FirstOffset - b.FirstOffset) })
	return &aborted{pending: pending, active: make(map[int64]bool)}
}

// drops must be called for every batch in offset order.
func (a *aborted) drops(batch protocol.RecordReader) bool {
	switch b := batch.(type) {
	case *protocol.ControlBatch:
		a.advance(b.BaseOffset)
		delete(a.active, b.ProducerID)
		return true
	case *protocol.RecordBatch:
		a.advance(b.BaseOffset)
		return b.Attributes&transactional != 0 && a.active[b.ProducerID]
	}
	return false
}

func (a *aborted) advance(offset int64) {
	for len(a.pending) > 0 && a.pending[0].FirstOffset <= offset {
		a.active[a.pending[0].ProducerID] = true
		a.pending = a.pending[1:]
	}
}
