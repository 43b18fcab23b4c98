package kafka

import (
	"bytes"
	"errors"
	"io"
	"sync"

	"github.com/segmentio/kafka-go/compress"
)

// buffers are lent for the time that an answer takes to be read. No message refers to one.
type buffers struct{ answers, unpacked sync.Pool }

// scratchBytes are the first room to unpack to: the largest block of LZ4, which is unpacked in place only where a whole one fits.
const scratchBytes = 4 << 20

// keptBytes is the largest buffer that is kept for the next answer.
const keptBytes = 16 << 20

func (b *buffers) answer() *bytes.Buffer {
	if buf, ok := b.answers.Get().(*bytes.Buffer); ok {
		buf.Reset()
		return buf
	}
	return new(bytes.Buffer)
}

// done gives an answer's buffer back.
func (b *buffers) done(buf *bytes.Buffer) {
	if buf.Cap() <= keptBytes {
		b.answers.Put(buf)
	}
}

var errOversize = errors.New("too large once unpacked")

// inflate unpacks a batch's records into memory of their own, at most limit bytes.
func (b *buffers) inflate(codec compress.Codec, packed []byte, limit int) ([]byte, error) {
	r := codec.NewReader(bytes.NewReader(packed))
	defer func() { _ = r.Close() }()
	scratch, ok := b.unpacked.Get().(*[]byte)
	if !ok {
		room := make([]byte, min(scratchBytes, limit+1))
		scratch = &room
	}
	defer func() {
		if len(*scratch) <= keptBytes {
			b.unpacked.Put(scratch)
		}
	}()
	for n := 0; ; {
		if n == len(*scratch) {
			grown := make([]byte, min(2*n, limit+1))
			copy(grown, *scratch)
			*scratch = grown
		}
		read, err := r.Read((*scratch)[n:min(len(*scratch), limit+1)])
		switch n += read; {
		case n > limit:
			return nil, errOversize
		case errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
			return bytes.Clone((*scratch)[:n]), nil
		case err != nil:
			return nil, err
		}
	}
}
