package fold

import (
	"errors"
	"fmt"

	"github.com/ClickHouse/ch-go/proto"
)

// mostName is how many bytes the name and the type of a column have at most, mostRows how many rows a block: a hundred times as many as ClickHouse puts in one.
const (
	mostName = 4096
	mostRows = 10_000_000
)

// results are the columns of a block. What the library reads them by makes room for a name of whatever length it is told.
type results []proto.ResultColumn

// DecodeResult reads the columns of a block, each of which has to be the one expected.
func (s results) DecodeResult(r *proto.Reader, version int, b proto.Block) error {
	if b.Columns != len(s) || b.Rows > mostRows {
		return fmt.Errorf("%d columns of %d rows, want %d of %d at most", b.Columns, b.Rows, len(s), mostRows)
	}
	for i := range s {
		if err := decodeHead(r, version, s[i]); err != nil {
			return fmt.Errorf("column %d: %w", i, err)
		}
		data := s[i].Data
		data.Reset()
		if b.Rows == 0 {
			continue
		}
		if stateful, ok := data.(proto.StateDecoder); ok {
			if err := stateful.DecodeState(r); err != nil {
				return fmt.Errorf("%s: state: %w", s[i].Name, err)
			}
		}
		if err := data.DecodeColumn(r, b.Rows); err != nil {
			return fmt.Errorf("%s: %w", s[i].Name, err)
		}
	}
	return nil
}

// decodeHead reads name and type of a column and holds them to what is expected.
func decodeHead(r *proto.Reader, version int, want proto.ResultColumn) error {
	name, err := decodeName(r)
	if err != nil {
		return err
	}
	typ, err := decodeName(r)
	if err != nil {
		return err
	}
	if proto.FeatureCustomSerialization.In(version) {
		custom, err := r.Bool()
		if err != nil {
			return err
		}
		if custom {
			return errors.New("custom serialization")
		}
	}
	if has := want.Data.Type(); name != want.Name || proto.ColumnType(typ).Conflicts(has) {
		return fmt.Errorf("%q of type %q, want %q of type %q", name, typ, want.Name, has)
	}
	return nil
}

func decodeName(r *proto.Reader) (string, error) {
	n, err := r.StrLen()
	if err != nil {
		return "", err
	}
	if n > mostName {
		return "", fmt.Errorf("a name of %d bytes", n)
	}
	text := make([]byte, n)
	if err := r.ReadFull(text); err != nil {
		return "", err
	}
	return string(text), nil
}
