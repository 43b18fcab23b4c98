package pipeline_test

import (
	"bytes"
	"context"
	"io"
	"reflect"
	"testing"

	chproto "github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2/lib/column"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/ClickHouse/clickhouse-go/v2/lib/proto"
	"github.com/prometheus/client_golang/prometheus"
	"pgregory.net/rapid"

	"github.com/rapport-project/rapport/pipeline"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
)

// inserted is a connection that keeps the rows of each insert.
type inserted struct {
	driver.Conn
	rows [][]any
}

func (c *inserted) InsertFormat(_ context.Context, _, statement string, data io.Reader) error {
	text, err := io.ReadAll(data)
	if err != nil {
		return err
	}
	block := proto.Block{ServerContext: &column.ServerContext{}}
	if err := block.Decode(chproto.NewReader(bytes.NewReader(text)), 0); err != nil {
		return err
	}
	for i := range block.Rows() {
		row := []any{statement}
		for _, c := range block.Columns {
			row = append(row, c.Row(i, false))
		}
		c.rows = append(c.rows, row)
	}
	return nil
}

// TestBlocksOfLentBatchesAreThoseOfEvents: the sink is given the same, whether survey facts are rows of a batch or a block already, whatever was made in the
// same memory before and whichever batches are still in use.
func TestBlocksOfLentBatchesAreThoseOfEvents(t *testing.T) {
	all := ofEveryType(t, 500)
	conn := &inserted{}
	sink := sinks.NewClickHouse(conn, sinks.Config{}, prometheus.NewRegistry())
	build, lend := events(t, 0), pipeline.LendBlocks(definitions(t, 0), schemas.Options{}, sink.NewResponseBlock)
	stored := func(t *rapid.T, b pipeline.Batch) [][]any {
		conn.rows = nil
		facts := b.Facts
		facts.Deliveries, facts.Consumed = nil, nil // inserted side by side, and compared as they are
		if err := sink.Write(context.Background(), facts); err != nil {
			t.Fatal(err)
		}
		return conn.rows
	}
	rapid.Check(t, func(t *rapid.T) {
		type lent struct {
			want, got pipeline.Batch
			done      func()
		}
		var open []lent
		check := func(l lent) {
			want, got := stored(t, l.want), stored(t, l.got)
			if len(want) != len(got) {
				t.Fatalf("%d rows, want %d", len(got), len(want))
			}
			for i := range want {
				if !reflect.DeepEqual(want[i], got[i]) {
					t.Fatalf("row %d is\n%v, want\n%v", i, got[i], want[i])
				}
			}
			i := 0
			for event := range l.got.Facts.ResponseBlock.Events() {
				if id := l.want.Facts.Responses[i].Identity; event != [3]string{id.Tenant, id.Source, id.ID} {
					t.Fatalf("row %d is of %q, want %+v", i, event, id)
				}
				i++
			}
			l.want.Facts.Responses, l.got.Facts.ResponseBlock = nil, nil
			compareBatches(t, l.want, l.got)
		}
		for range rapid.IntRange(1, 5).Draw(t, "batches") {
			first := rapid.IntRange(0, len(all)-1).Draw(t, "first")
			n := rapid.IntRange(1, min(400, len(all)-first)).Draw(t, "records")
			msgs := records(all[first:first+n], int64(first))
			if rapid.Bool().Draw(t, "where they belong") {
				for i := range msgs {
					msgs[i].Topic = all[first].Topic
				}
			}
			b, done := lend(msgs)
			open = append(open, lent{build(copied(msgs)), b, done})
			if rapid.Bool().Draw(t, "keep") {
				continue
			}
			for _, l := range open {
				check(l)
				l.done()
			}
			open = nil
		}
		for _, l := range open {
			check(l)
		}
	})
}

// TestAllocationsPerEventOfBlocks bounds what events allocate on their way into a block: what they do without it, for the block's memory is that of
// earlier ones.
func TestAllocationsPerEventOfBlocks(t *testing.T) {
	msgs := records(deliveries(t, 2000), 0)
	defs := definitions(t, 0)
	sink := sinks.NewClickHouse(nil, sinks.Config{}, prometheus.NewRegistry())
	perEvent := func(lend pipeline.Lend) float64 {
		return testing.AllocsPerRun(5, func() {
			_, done := lend(msgs)
			done()
		}) / float64(len(msgs))
	}
	rows := perEvent(pipeline.LendEvents(defs, schemas.Options{}))
	if blocks := perEvent(pipeline.LendBlocks(defs, schemas.Options{}, sink.NewResponseBlock)); blocks > rows+0.01 {
		t.Errorf("%.3f allocations per event, %.3f where rows are kept", blocks, rows)
	}
}
