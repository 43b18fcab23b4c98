package kafka

import (
	"encoding/binary"
	"slices"

	"github.com/segmentio/kafka-go/protocol"
	fetchapi "github.com/segmentio/kafka-go/protocol/fetch"
)

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
func (a *aborted) drops(batch []byte) bool {
	attributes := protocol.Attributes(binary.BigEndian.Uint16(batch[batchAttributes:]))
	producer := int64(binary.BigEndian.Uint64(batch[batchProducer:]))
	a.advance(int64(binary.BigEndian.Uint64(batch)))
	if attributes.Control() {
		delete(a.active, producer)
		return true
	}
	return attributes.Transactional() && a.active[producer]
}

func (a *aborted) advance(offset int64) {
	for len(a.pending) > 0 && a.pending[0].FirstOffset <= offset {
		a.active[a.pending[0].ProducerID] = true
		a.pending = a.pending[1:]
	}
}
