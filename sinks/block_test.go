package sinks_test

import (
	"bytes"
	"fmt"
	"io"
	"reflect"
	"slices"
	"testing"
	"testing/iotest"
	"time"

	chproto "github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2/lib/column"
	"github.com/ClickHouse/clickhouse-go/v2/lib/proto"
	"pgregory.net/rapid"

	"github.com/rapport-project/rapport/sinks"
	"github.com/rapport-project/rapport/sinks/sinktest"
)

// Blocks are byte for byte those that the client makes of the same rows by reflection over the `ch` tags of their fields, for any rows.
func TestBlocks(t *testing.T) {
	t.Run("responses", sameBlocks(sinks.Responses))
	t.Run("invitations", sameBlocks(sinks.Invitations))
	t.Run("contacts", sameBlocks(sinks.Contacts))
	t.Run("milestones", sameBlocks(sinks.Milestones))
	t.Run("complaints", sameBlocks(sinks.Complaints))
	t.Run("late facts", sameBlocks(sinks.LateFacts))
	t.Run("dead letters", sameBlocks(sinks.DeadLetters))
	t.Run("deliveries", sameBlocks(sinks.Deliveries))
	t.Run("consumed", sameBlocks(sinks.Consumptions))
	t.Run("gaps", sameBlocks(sinks.Gaps))
	t.Run("progress", sameBlocks(sinks.Progresses))
	t.Run("contact outcomes", sameBlocks(sinks.ContactOutcomes))
	t.Run("case outcomes", sameBlocks(sinks.CaseOutcomes))
	t.Run("complaint outcomes", sameBlocks(sinks.ComplaintOutcomes))
	t.Run("complaint subjects", sameBlocks(sinks.ComplaintSubjects))
}

func sameBlocks[R any](f sinks.Filler[R]) func(*testing.T) {
	some := rapid.SliceOfN(rapid.MakeCustom[R](rapid.MakeConfig{
		Types: map[reflect.Type]*rapid.Generator[any]{
			reflect.TypeFor[time.Time](): moments.AsAny(),
			// Of several pairs the order is random, as it is in a map.
			reflect.TypeFor[map[string]string](): rapid.MapOfN(texts, texts, 0, 1).AsAny(),
		},
		Kinds: map[reflect.Kind]*rapid.Generator[any]{reflect.String: texts.AsAny()},
	}), 1, 12)
	return rapid.MakeCheck(func(t *rapid.T) {
		// More than are taken through the columns at once.
		rows := slices.Repeat(some.Draw(t, "rows"), rapid.IntRange(1, 20).Draw(t, "times"))
		if p, ok := any(rows).([]sinks.Progress); ok {
			for i := range p {
				if p[i].AsOf.IsZero() { // which is for the moment of the write
					p[i].AsOf = time.Unix(1, 0)
				}
			}
		}
		want, err := byReflection(f.Table(), rows)
		if err != nil {
			t.Fatal(err)
		}
		f.Block(rows, func(r io.Reader) {
			var got bytes.Buffer
			if n, err := r.(io.WriterTo).WriteTo(&got); err != nil || int(n) != got.Len() {
				t.Fatalf("wrote %d bytes, said %d (%v)", got.Len(), n, err)
			}
			if !bytes.Equal(got.Bytes(), want) {
				t.Fatalf("%s: the block of %+v is\n%q, want\n%q", f.Table().Name, rows, got.Bytes(), want)
			}
		})
		f.Block(rows, func(r io.Reader) {
			if got, err := io.ReadAll(iotest.OneByteReader(io.LimitReader(r, 1000))); err != nil || !bytes.Equal(got, want[:min(len(want), 1000)]) {
				t.Fatalf("read %q (%v)", got, err)
			}
		})
	})
}

var (
	texts   = rapid.OneOf(rapid.SampledFrom([]string{"", "a", "customer", "\x00", "\xff", "满意", string(make([]byte, 127)), string(make([]byte, 128)), string(make([]byte, 300))}), rapid.String())
	moments = rapid.OneOf(rapid.Just(time.Time{}), rapid.Map(rapid.Int64Range(0, 1<<32*1000-1), func(ms int64) time.Time { return time.UnixMilli(ms).UTC() }),
		rapid.Map(rapid.Int64Range(0, 1<<32*1e6-1), func(us int64) time.Time { return time.UnixMicro(us).UTC() }))
)

// byReflection is the block as the client's own columns make it, row by row.
func byReflection[R any](table sinks.Table, rows []R) ([]byte, error) {
	block := proto.Block{ServerContext: &column.ServerContext{Timezone: time.UTC}}
	for _, c := range table.Columns {
		if err := block.AddColumn(c.Name, column.Type(c.Type)); err != nil {
			return nil, err
		}
	}
	for i := range rows {
		fields := map[string]any{}
		tagged(reflect.ValueOf(rows[i]), fields)
		values := make([]any, len(table.Columns))
		for j, c := range table.Columns {
			v, ok := fields[c.Name]
			if !ok {
				return nil, fmt.Errorf("%T has no field for column %s", rows[i], c.Name)
			}
			values[j] = v
		}
		if err := block.Append(values...); err != nil {
			return nil, err
		}
	}
	var out chproto.Buffer
	err := block.Encode(&out, 0)
	return out.Buf, err
}

func tagged(row reflect.Value, out map[string]any) {
	for i := range row.NumField() {
		field := row.Type().Field(i)
		name, ok := field.Tag.Lookup("ch")
		switch v := row.Field(i); {
		case ok && v.Kind() == reflect.String:
			out[name] = v.String() // the client knows no named types
		case ok:
			out[name] = v.Interface()
		case field.Anonymous:
			tagged(v, out)
		}
	}
}

// The memory of a block serves the next one: what is allocated does not depend on the rows.
func TestFillAllocates(t *testing.T) {
	rows := sinktest.Batch(1, 2000).Responses
	allocations := func(n int) float64 {
		return testing.AllocsPerRun(50, func() { sinks.Responses.Block(rows[:n], drop(t)) })
	}
	allocations(len(rows))
	if few, many := allocations(10), allocations(len(rows)); many > few+20 {
		t.Errorf("%.0f allocations for %d rows, %.0f for 10: want as many", many, len(rows), few)
	}
}

func drop(t testing.TB) func(io.Reader) {
	return func(r io.Reader) {
		if _, err := io.Copy(io.Discard, r); err != nil {
			t.Error(err)
		}
	}
}
