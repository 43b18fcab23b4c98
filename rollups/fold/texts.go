package fold

import (
	"fmt"
	"slices"

	"github.com/ClickHouse/ch-go/proto"
)

// mostText is how many bytes a text of a fact has at most: as many as an event may have.
const mostText = 1 << 20

// texts is a column of strings. That of the library makes room for whatever length it reads, so that one spoilt byte of an answer would take all memory.
type texts struct{ proto.ColStr }

// DecodeColumn reads the column.
func (t *texts) DecodeColumn(r *proto.Reader, rows int) error {
	at := 0
	t.Buf, t.Pos = t.Buf[:0], t.Pos[:0]
	for i := range rows {
		n, err := r.StrLen()
		if err != nil {
			return fmt.Errorf("row %d: read length: %w", i, err)
		}
		if n > mostText {
			return fmt.Errorf("row %d: a text of %d bytes, more than %d", i, n, mostText)
		}
		t.Buf = slices.Grow(t.Buf, n)[:at+n]
		if err := r.ReadFull(t.Buf[at:]); err != nil {
			return fmt.Errorf("row %d: read text: %w", i, err)
		}
		t.Pos = append(t.Pos, proto.Position{Start: at, End: at + n})
		at += n
	}
	return nil
}
