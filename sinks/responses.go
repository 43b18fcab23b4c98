package sinks

import (
	"context"
	"encoding/binary"
	"iter"
	"time"
	"unsafe"

	"github.com/rapport-project/rapport/schemas"
)

// ResponseBlock is survey facts laid out as the block that is inserted. A fact is a large row of many pointers: tens of thousands of them, kept
// until the last is made, leave the cache before they are encoded, and each collection of garbage looks at them all.
type ResponseBlock struct {
	sink  *ClickHouse
	block *block
	// doubted says that an insert of the block failed, after which the client may still be reading it.
	doubted bool
}

// NewResponseBlock begins a block of about so many rows, which Write of this sink alone can insert. It is for one goroutine at a time.
func (c *ClickHouse) NewResponseBlock(rows int) *ResponseBlock {
	return &ResponseBlock{sink: c, block: c.responses.blocks.begin(rows)}
}

// Some is how many rows are best added at once: as many as stay in the processor's cache.
func (b *ResponseBlock) Some() int { return b.sink.responses.blocks.some() }

// Add puts rows behind those that are there, and keeps nothing of them.
func (b *ResponseBlock) Add(rows []schemas.SurveyFact) { b.sink.responses.blocks.add(b.block, rows) }

// Len is the number of rows; 0 for nil.
func (b *ResponseBlock) Len() int {
	if b == nil {
		return 0
	}
	return b.block.rows
}

// places of columns of surveyFacts.
const (
	columnTenant = 0
	columnSource = 2
	columnID     = 3
)

// Events are tenant, source and id of each row. The strings are valid until Release.
func (b *ResponseBlock) Events() iter.Seq[[3]string] {
	return func(yield func([3]string) bool) {
		if b.Len() == 0 {
			return
		}
		columns := b.block.columns
		left := [3][]byte{columns[columnTenant][0], columns[columnSource][0], columns[columnID][0]}
		for range b.block.rows {
			var event [3]string
			for i := range left {
				event[i], left[i] = cutText(left[i])
			}
			if !yield(event) {
				return
			}
		}
	}
}

// cutText takes a string, which putText has put there, off the front.
func cutText(b []byte) (string, []byte) {
	n, width := binary.Uvarint(b)
	end := width + int(n)
	return unsafe.String(unsafe.SliceData(b[width:]), int(n)), b[end:]
}

// Release says that the block is not used any more.
func (b *ResponseBlock) Release() {
	if b != nil && !b.doubted {
		b.sink.responses.blocks.release(b.block)
	}
}

// insertBlock is insert of rows that are a block already.
func (c *ClickHouse) insertBlock(ctx context.Context, b *ResponseBlock) error {
	if b.Len() == 0 {
		return nil
	}
	if b.doubted {
		b.block = b.block.again()
	}
	err := send(ctx, c, c.responses, b.block, time.Now())
	b.doubted = b.doubted || err != nil
	return err
}
