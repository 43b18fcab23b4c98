package sinks_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"reflect"
	"slices"
	"testing"
	"testing/iotest"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/prometheus/client_golang/prometheus"
	"pgregory.net/rapid"

	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
	"github.com/rapport-project/rapport/sinks/sinktest"
)

// taking is a connection that keeps what is inserted, as bytes.
type taking struct {
	driver.Conn
	fail    error // of the next insert, after some of the block
	left    io.Reader
	inserts [][]byte
}

func (c *taking) InsertFormat(_ context.Context, _, _ string, data io.Reader) error {
	if err := c.fail; err != nil {
		c.fail, c.left = nil, data
		_, _ = io.ReadFull(data, make([]byte, 10))
		return err
	}
	var got bytes.Buffer
	_, err := io.Copy(&got, data)
	c.inserts = append(c.inserts, got.Bytes())
	return err
}

// A block that rows were added to a few at a time is the one of all rows, tells their events, and leaves nothing behind for the next one.
func TestResponseBlocks(t *testing.T) {
	conn := &taking{}
	sink := sinks.NewClickHouse(conn, sinks.Config{}, prometheus.NewRegistry())
	facts := rapid.SliceOfN(rapid.MakeCustom[schemas.SurveyFact](rapid.MakeConfig{
		Types: map[reflect.Type]*rapid.Generator[any]{
			reflect.TypeFor[time.Time]():         moments.AsAny(),
			reflect.TypeFor[map[string]string](): rapid.MapOfN(texts, texts, 0, 1).AsAny(),
		},
		Kinds: map[reflect.Kind]*rapid.Generator[any]{reflect.String: texts.AsAny()},
	}), 0, 12)
	rapid.Check(t, func(t *rapid.T) {
		conn.inserts = nil
		rows := slices.Repeat(facts.Draw(t, "rows"), rapid.IntRange(1, 20).Draw(t, "times"))
		block := sink.NewResponseBlock(10)
		for left := rows; len(left) > 0; {
			n := rapid.IntRange(1, len(left)).Draw(t, "some")
			block.Add(left[:n])
			left = left[n:]
		}
		if block.Len() != len(rows) {
			t.Fatalf("%d rows, want %d", block.Len(), len(rows))
		}
		var i int
		for event := range block.Events() {
			if r := &rows[i]; event != [3]string{r.Tenant, r.Source, r.ID} {
				t.Fatalf("row %d is of %q, want %q %q %q", i, event, r.Tenant, r.Source, r.ID)
			}
			i++
		}
		if i != len(rows) {
			t.Fatalf("%d events, want %d", i, len(rows))
		}
		for _, b := range []sinks.Batch{{ResponseBlock: block}, {Responses: rows}} {
			if err := sink.Write(context.Background(), b); err != nil {
				t.Fatal(err)
			}
		}
		block.Release()
		if len(rows) == 0 {
			if len(conn.inserts) > 0 {
				t.Fatalf("%d inserts of no rows", len(conn.inserts))
			}
			return
		}
		if got, want := conn.inserts[0], conn.inserts[1]; !bytes.Equal(got, want) {
			t.Fatalf("the block is\n%q, want\n%q", got, want)
		}
	})
}

// What an insert failed with is inserted whole by the next one, while the client still reads what it has; its memory serves no other block.
func TestResponseBlockAfterAFailure(t *testing.T) {
	conn := &taking{fail: errors.New("away")}
	sink := sinks.NewClickHouse(conn, sinks.Config{}, prometheus.NewRegistry())
	rows := sinktest.Batch(1, 300).Responses
	for i := range rows {
		rows[i].Labels = nil
	}
	block := sink.NewResponseBlock(10)
	block.Add(rows)
	if err := sink.Write(context.Background(), sinks.Batch{ResponseBlock: block}); err == nil {
		t.Fatal("the failure is not told")
	}
	for range 2 {
		if err := sink.Write(context.Background(), sinks.Batch{ResponseBlock: block}); err != nil {
			t.Fatal(err)
		}
	}
	block.Release()
	other := sink.NewResponseBlock(10)
	other.Add(sinktest.Batch(2, 300).Responses)
	rest, err := io.ReadAll(iotest.OneByteReader(conn.left))
	if err != nil {
		t.Fatal(err)
	}
	sinks.Responses.Block(rows, func(r io.Reader) {
		want, _ := io.ReadAll(r)
		for i, got := range append(conn.inserts, slices.Concat(want[:10], rest)) {
			if !bytes.Equal(got, want) {
				t.Errorf("attempt %d took %d bytes that are not the block of %d", i, len(got), len(want))
			}
		}
	})
}

// TestSmallBlocksStaySmall: a block for few rows does not hold what one of many has grown to, whatever order they come in.
func TestSmallBlocksStaySmall(t *testing.T) {
	sink := sinks.NewClickHouse(&taking{}, sinks.Config{}, prometheus.NewRegistry())
	rows := sinktest.Batch(1, 300).Responses
	many := sink.NewResponseBlock(50_000)
	for range 20 {
		many.Add(rows)
	}
	many.Release()
	few := sink.NewResponseBlock(300)
	few.Add(rows)
	if got, most := few.Room(), many.Room()/4; got > most {
		t.Errorf("a block of 300 rows has %d bytes, more than %d", got, most)
	}
	grown := sink.NewResponseBlock(300) // by rows as large as rows may be
	for grown.Room() <= 4<<20 {
		grown.Add(rows)
	}
	grown.Release()
	next := sink.NewResponseBlock(300)
	next.Add(rows)
	if next.Room() > 4<<20 {
		t.Errorf("a block of 300 rows has %d bytes", next.Room())
	}
}

// Of a block of another sink, nothing is kept silently.
func TestMemoryRefusesBlocks(t *testing.T) {
	block := sinks.NewClickHouse(&taking{}, sinks.Config{}, prometheus.NewRegistry()).NewResponseBlock(10)
	if err := sinks.NewMemory().Write(context.Background(), sinks.Batch{ResponseBlock: block}); err == nil {
		t.Error("it took it")
	}
}
