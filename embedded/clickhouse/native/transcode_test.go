package native

import (
	"bytes"
	"fmt"
	"math/big"
	"testing"
	"time"

	"github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2/lib/column"
	chproto "github.com/ClickHouse/clickhouse-go/v2/lib/proto"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"
)

const revision = 54460

// generators give a value of each type to the encoder of clickhouse-go, which is written apart from this package.
func generators(t *rapid.T) map[string]func() any {
	str := func() any { return rapid.String().Draw(t, "s") }
	strs := func() any { return rapid.SliceOfN(rapid.String(), 0, 4).Draw(t, "ss") }
	at := func() any { return time.UnixMilli(rapid.Int64Range(0, 4e12).Draw(t, "at")).UTC() }
	return map[string]func() any{
		"UInt8":                    func() any { return rapid.Uint8().Draw(t, "u8") },
		"Bool":                     func() any { return rapid.Bool().Draw(t, "b") },
		"Int64":                    func() any { return rapid.Int64().Draw(t, "i64") },
		"Float32":                  func() any { return rapid.Float32().Draw(t, "f32") },
		"UInt128":                  func() any { return big.NewInt(rapid.Int64Range(0, 1<<62).Draw(t, "u128")) },
		"UInt256":                  func() any { return big.NewInt(rapid.Int64Range(0, 1<<62).Draw(t, "u256")) },
		"String":                   str,
		"FixedString(3)":           func() any { return "abc" },
		"Enum8('a' = 1, ',)' = 2)": func() any { return rapid.SampledFrom([]string{"a", ",)"}).Draw(t, "e") },
		"UUID":                     func() any { return uuid.New() },
		"DateTime64(3, 'UTC')":     at,
		"DateTime('Asia/Tokyo')":   func() any { return at().(time.Time).Truncate(time.Second) },
		"Date":                     func() any { return time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC) },
		"LowCardinality(String)":   str,
		"LowCardinality(Nullable(String))": func() any {
			if s := str().(string); s != "" {
				return &s
			}
			return nil
		},
		"Nullable(Int32)": func() any {
			if rapid.Bool().Draw(t, "null") {
				return nil
			}
			return rapid.Int32().Draw(t, "i32")
		},
		"Array(String)":                       strs,
		"Array(LowCardinality(String))":       strs,
		"Array(Array(Int16))":                 func() any { return rapid.SliceOfN(rapid.SliceOfN(rapid.Int16(), 0, 3), 0, 3).Draw(t, "aa") },
		"Map(LowCardinality(String), UInt16)": func() any { return rapid.MapOfN(rapid.String(), rapid.Uint16(), 0, 3).Draw(t, "m") },
		"Tuple(a Int8, b Array(String))": func() any {
			return map[string]any{"a": rapid.Int8().Draw(t, "t"), "b": strs()}
		},
		"SimpleAggregateFunction(max, UInt16)": func() any { return rapid.Uint16().Draw(t, "agg") },
	}
}

// Whatever the columns, the rewritten block decodes at the new revision to what the original held.
func TestTranscode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		types := generators(t)
		names := rapid.SliceOfNDistinct(rapid.SampledFrom(keys(types)), 1, 5, rapid.ID[string]).Draw(t, "types")
		var src proto.Buffer
		var want [][]any
		blocks := rapid.IntRange(1, 3).Draw(t, "blocks")
		for range blocks {
			block := newBlock()
			for _, name := range names {
				if err := block.AddColumn("c "+name, column.Type(name)); err != nil {
					t.Fatal(err)
				}
			}
			for range rapid.IntRange(1, 5).Draw(t, "rows") {
				var row []any
				for _, name := range names {
					row = append(row, types[name]())
				}
				if err := block.Append(row...); err != nil {
					t.Fatal(err)
				}
			}
			if err := block.Encode(&src, 0); err != nil {
				t.Fatal(err)
			}
		}
		want = decode(t, src.Buf, 0, blocks)
		out, err := Transcode(nil, src.Buf, revision)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, decode(t, out, revision, blocks)); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
		if _, err := Transcode(nil, src.Buf[:len(src.Buf)-1], revision); err == nil {
			t.Fatal("a block cut short was rewritten")
		}
	})
}

// plain makes values comparable that hold pointers.
func plain(v any) any {
	switch v := v.(type) {
	case big.Int:
		return v.String()
	case *big.Int:
		return v.String()
	case *string:
		if v != nil {
			return *v
		}
	case *int32:
		if v != nil {
			return *v
		}
	case time.Time:
		return v.String()
	}
	return v
}

func keys(m map[string]func() any) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	return out
}

func newBlock() *chproto.Block {
	b := chproto.NewBlock()
	b.ServerContext.Timezone = time.UTC
	return b
}

func decode(t *rapid.T, data []byte, revision uint64, blocks int) (rows [][]any) {
	r := proto.NewReader(bytes.NewReader(data))
	for range blocks {
		block := newBlock()
		if err := block.Decode(r, revision); err != nil {
			t.Fatal(err)
		}
		for i := range block.Rows() {
			var row []any
			for _, c := range block.Columns {
				row = append(row, c.Name(), fmt.Sprintf("%#v", plain(c.Row(i, false))))
			}
			rows = append(rows, row)
		}
	}
	return rows
}

func TestParseType(t *testing.T) {
	for text, want := range map[string][]string{
		"String":                                  nil,
		"Array(Nullable(String))":                 {"Nullable"},
		"Tuple(a UInt8, `b, (c` Array(x))":        {"UInt8", "Array"},
		"Tuple(UInt8, DateTime64(3, 'UTC'))":      {"UInt8", "DateTime64"},
		"Map(String, Tuple(a Int8))":              {"String", "Tuple"},
		"Nested(a String, b Enum8('x(' = 1))":     {"String", "Enum8"},
		"SimpleAggregateFunction(anyLast, Int64)": {"Int64"},
	} {
		n, err := parseType(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		var got []string
		for _, a := range n.args {
			got = append(got, a.name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
	for _, text := range []string{"Array(", "Array()", "Nullable(Array(String)"} {
		if _, err := parseType(text); err == nil {
			t.Errorf("%q was parsed", text)
		}
	}
}

func FuzzTranscode(f *testing.F) {
	f.Add([]byte("\x01\x03\x01a\x06UInt64"))
	f.Add([]byte("\x01\x01\x01a\x16LowCardinality(String)"))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, _ = Transcode(nil, data, revision) // must neither panic nor run away
	})
}
