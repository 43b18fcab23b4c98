package native

import (
	"encoding/binary"
	"fmt"
)

// revisionCustomSerialization is the first revision with a byte per column that tells of custom serialization.
const revisionCustomSerialization = 54454

// blockInfo is the block info every revision above 0 starts a block with: is_overflows (field 1) false, bucket (field 2)
// -1, end of fields.
var blockInfo = []byte{1, 0, 2, 0xff, 0xff, 0xff, 0xff, 0}

// Transcode appends to dst the blocks of src, which are whole and of revision 0, as the revision writes them.
func Transcode(dst, src []byte, revision uint64) ([]byte, error) {
	if revision == 0 {
		return append(dst, src...), nil
	}
	c := cursor{buf: src}
	for c.at < len(c.buf) {
		var err error
		if dst, err = c.block(dst, revision); err != nil {
			return nil, err
		}
	}
	return dst, nil
}

// cursor walks over a buffer. A read past the end panics with truncated, which block turns into an error: a check at
// every read would bury the format under error handling.
type cursor struct {
	buf []byte
	at  int
}

type truncated struct{ at int }

// unsupported is a type whose end cannot be found from the data alone.
type unsupported struct{ reason string }

func (c *cursor) block(dst []byte, revision uint64) (out []byte, err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case truncated:
			out, err = nil, fmt.Errorf("native block ends early at byte %d of %d", p.at, len(c.buf))
		case unsupported:
			out, err = nil, fmt.Errorf("native block cannot be rewritten: %s", p.reason)
		default:
			panic(p)
		}
	}()
	dst = append(dst, blockInfo...)
	start := c.at
	columns, rows := int(c.varint()), int(c.varint())
	dst = append(dst, c.buf[start:c.at]...)
	for range columns {
		start = c.at
		c.skip(int(c.varint())) // name
		typeName := c.take(int(c.varint()))
		dst = append(dst, c.buf[start:c.at]...)
		if revision >= revisionCustomSerialization {
			dst = append(dst, 0)
		}
		if rows == 0 {
			continue
		}
		n, err := parseType(string(typeName))
		if err != nil {
			return nil, err
		}
		start = c.at
		c.column(n, rows)
		dst = append(dst, c.buf[start:c.at]...)
	}
	return dst, nil
}

func (c *cursor) skip(n int) {
	if n < 0 || n > len(c.buf)-c.at {
		panic(truncated{c.at})
	}
	c.at += n
}

func (c *cursor) take(n int) []byte {
	start := c.at
	c.skip(n)
	return c.buf[start:c.at]
}

func (c *cursor) varint() uint64 {
	v, n := binary.Uvarint(c.buf[c.at:])
	if n <= 0 {
		panic(truncated{c.at})
	}
	c.at += n
	return v
}

func (c *cursor) uint64() uint64 { return binary.LittleEndian.Uint64(c.take(8)) }

// rowsOf skips fixed-size rows with a guard against overflow in the multiplication.
func (c *cursor) rowsOf(size, rows int) {
	if rows < 0 || rows > len(c.buf) {
		panic(truncated{c.at})
	}
	c.skip(size * rows)
}
