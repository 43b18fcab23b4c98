package sinks

import (
	"bufio"
	"encoding/binary"
	"io"
	"runtime"
	"unsafe"
)

// block is rows of a table in ClickHouse's Native format, column by column, as the bytes that go to the server.
type block struct {
	// counts are those of columns and rows, which the block begins with.
	counts []byte
	// heads are name and type of each column, the same in every block of a table.
	heads [][]byte
	// columns are the streams of each column.
	columns [][][]byte
	rows    int
	buffer  *bufio.Writer
	// small says that it was begun for few rows.
	small bool
}

// smallWrite is below what pieces of a block are put together before they are written.
const smallWrite = 64 << 10

// blocks makes the blocks of a table. Their memory is used again: a block of many rows is some ten megabytes, and to grow it from
// nothing costs as much as to fill it. Not by a sync.Pool: where memory is short, garbage is collected so often that it is always empty.
type blocks[R any] struct {
	table table[R]
	heads [][]byte
	// free are blocks to be used again. Small ones are apart: many may be in hand at once, and none is to hold what a large one has grown to.
	free, freeSmall chan *block
}

// A block begun for fewer rows than fewRows is small, and one that has grown beyond smallBytes all the same is not kept.
const (
	fewRows    = 4000
	smallBytes = 4 << 20
	// mostLarge are kept at most: as many as are in hand by the usual settings.
	mostLarge = 2
)

func newBlocks[R any](t table[R]) blocks[R] {
	b := blocks[R]{table: t, free: make(chan *block, min(mostLarge, runtime.GOMAXPROCS(0))), freeSmall: make(chan *block, 2*runtime.GOMAXPROCS(0))}
	for _, c := range t.columns {
		b.heads = append(b.heads, putText(putText(nil, c.name), c.typ))
	}
	return b
}

// cacheBytes is how much of the rows is taken through all columns at once: as much as stays in the processor's cache.
const cacheBytes = 64 << 10

// fill makes a block of rows and keeps no reference to them.
func (b blocks[R]) fill(rows []R) *block {
	out := b.begin(len(rows))
	b.add(out, rows)
	return out
}

// begin makes a block for about so many rows, without any.
func (b blocks[R]) begin(rows int) *block {
	var out *block
	small := rows < fewRows
	select {
	case out = <-b.list(small):
	default:
		out = &block{heads: b.heads, buffer: bufio.NewWriterSize(nil, smallWrite), small: small}
		for _, c := range b.table.columns {
			out.columns = append(out.columns, make([][]byte, c.streams))
		}
	}
	out.reset()
	return out
}

func (b blocks[R]) list(small bool) chan *block {
	if small {
		return b.freeSmall
	}
	return b.free
}

// some is how many rows are taken through the columns at once.
func (b blocks[R]) some() int {
	var row R
	return max(1, cacheBytes/int(unsafe.Sizeof(row)))
}

// add puts rows behind those of a block and keeps no reference to them.
func (b blocks[R]) add(out *block, rows []R) {
	out.rows += len(rows)
	out.counts = binary.AppendUvarint(out.counts[:0], uint64(len(b.table.columns)))
	out.counts = binary.AppendUvarint(out.counts, uint64(out.rows))
	some := b.some()
	for len(rows) > 0 {
		n := min(some, len(rows))
		for i := range b.table.columns {
			b.table.columns[i].add(out.columns[i], rows[:n])
		}
		rows = rows[n:]
	}
}

// release gives the memory of a block to later ones. Nobody may read it any more.
func (b blocks[R]) release(done *block) {
	if done.small && done.room() > smallBytes {
		return
	}
	select {
	case b.list(done.small) <- done:
	default: // as many wait as are filled at once
	}
}

// room is how many bytes of memory the columns have.
func (b *block) room() (n int) {
	for _, streams := range b.columns {
		for i := range streams {
			n += cap(streams[i])
		}
	}
	return n
}

func (b *block) reset() {
	b.counts, b.rows = b.counts[:0], 0
	for _, streams := range b.columns {
		for i := range streams {
			streams[i] = streams[i][:0]
		}
	}
}

// again is the same block for another reader than one that may still be at work on it.
func (b *block) again() *block {
	same := *b
	same.buffer = bufio.NewWriterSize(nil, smallWrite)
	return &same
}

// pieces are the bytes of the block in order.
func (b *block) pieces(yield func([]byte) bool) {
	if !yield(b.counts) {
		return
	}
	for i, head := range b.heads {
		if !yield(head) {
			return
		}
		for _, s := range b.columns[i] {
			if !yield(s) {
				return
			}
		}
	}
}

// size is the length of the block in bytes.
func (b *block) size() int {
	n := 0
	b.pieces(func(p []byte) bool { n += len(p); return true })
	return n
}

// reader reads the block from its beginning. Of the readers of a block one may be in use at a time.
func (b *block) reader() io.Reader { return &blockReader{block: b} }

// values reads the columns alone, as a block of the native protocol has them behind heads of its own.
func (b *block) values() io.Reader {
	r := &pieceReader{}
	for _, streams := range b.columns {
		r.left = append(r.left, streams...)
	}
	return r
}

type blockReader struct {
	block *block
	rest  *pieceReader
}

// Read is for who needs the bytes in pieces of a size; WriteTo copies nothing but small ones.
func (r *blockReader) Read(p []byte) (int, error) {
	if r.rest == nil {
		r.rest = &pieceReader{}
		r.block.pieces(func(b []byte) bool { r.rest.left = append(r.rest.left, b); return true })
	}
	return r.rest.Read(p)
}

// WriteTo implements io.WriterTo.
func (r *blockReader) WriteTo(w io.Writer) (n int64, err error) {
	if r.rest != nil {
		return io.Copy(w, r.rest)
	}
	b := r.block.buffer
	b.Reset(w)
	defer b.Reset(nil)
	r.block.pieces(func(p []byte) bool {
		var k int
		k, err = b.Write(p)
		n += int64(k)
		return err == nil
	})
	if err != nil {
		return n, err
	}
	return n, b.Flush()
}

// pieceReader reads byte slices one after the other.
type pieceReader struct{ left [][]byte }

func (r *pieceReader) Read(p []byte) (n int, err error) {
	for n < len(p) && len(r.left) > 0 {
		k := copy(p[n:], r.left[0])
		n += k
		if r.left[0] = r.left[0][k:]; len(r.left[0]) == 0 {
			r.left = r.left[1:]
		}
	}
	if n == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	return n, nil
}
