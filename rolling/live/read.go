package live

import (
	"context"
	"embed"
	"fmt"
	"strings"
	"text/template"

	"github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/rapport-project/rapport/rollups"
	"github.com/rapport-project/rapport/rollups/fold"
)

//go:embed sql/*.sql
var files embed.FS

// inserts are the last insert into each partition that was seen, by its number.
type inserts struct {
	blocks map[string]uint64
	// first insert that each partition has rows of: merges keep it, and where rows are dropped it rises.
	first     map[string]uint64
	mutations uint64
	pending   bool
}

// seeInserts asks for the inserts there are.
func seeInserts(ctx context.Context, conn driver.Conn) (inserts, error) {
	s := inserts{blocks: map[string]uint64{}, first: map[string]uint64{}}
	rows, err := conn.Query(ctx, statement("inserts.sql"))
	if err != nil {
		return s, fmt.Errorf("inserts of survey facts: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var partition string
		var block, first, pending uint64
		if err := rows.Scan(&partition, &block, &first, &s.mutations, &pending); err != nil {
			return s, fmt.Errorf("inserts of survey facts: %w", err)
		}
		s.blocks[partition], s.first[partition], s.pending = block, first, pending > 0
	}
	return s, rows.Err()
}

// follows says that rows may have come since the inserts before, and none can have gone.
func (s inserts) follows(before inserts) bool {
	if s.pending || s.mutations != before.mutations {
		return false
	}
	for partition, block := range before.blocks {
		if s.blocks[partition] < block || s.first[partition] != before.first[partition] {
			return false
		}
	}
	return true
}

func (s inserts) equal(other inserts) bool {
	if len(s.blocks) != len(other.blocks) {
		return false
	}
	for partition, block := range s.blocks {
		if other.blocks[partition] != block {
			return false
		}
	}
	return s.mutations == other.mutations && !s.pending
}

// parameters under names that begin with a prefix.
func (s inserts) parameters(prefix string) []any {
	partitions, blocks := make([]string, 0, len(s.blocks)), make([]uint64, 0, len(s.blocks))
	for p, b := range s.blocks {
		partitions, blocks = append(partitions, p), append(blocks, b)
	}
	return []any{clickhouse.Named(prefix+"partitions", partitions), clickhouse.Named(prefix+"blocks", blocks)}
}

// countHours says how many rows a tenant has in each of the hours.
func countHours(ctx context.Context, conn driver.Conn, tenant string, hours []uint32) (map[uint32]uint64, error) {
	rows, err := conn.Query(ctx, statement("hours.sql"), clickhouse.Named("tenant", tenant), clickhouse.Named("hours", hours))
	if err != nil {
		return nil, fmt.Errorf("count facts: %w", err)
	}
	defer func() { _ = rows.Close() }()
	counts := map[uint32]uint64{}
	for rows.Next() {
		var hour uint32
		var n uint64
		if err := rows.Scan(&hour, &n); err != nil {
			return nil, fmt.Errorf("count facts: %w", err)
		}
		counts[hour] = n
	}
	return counts, rows.Err()
}

// read gives the blocks of a statement of keyed facts.
func (k *Keeper) read(ctx context.Context, name string, args []any, add func(*fold.Facts) error) error {
	body, err := k.o.Conn.QueryFormat(ctx, "Native", statement(name, k.content)+rollups.Pinned, args...)
	if err != nil {
		return fmt.Errorf("read facts: %w", err)
	}
	// What is left of the answer where this ends early is not of interest, and neither is how its connection ends.
	defer func() { _ = body.Close() }()
	facts := fold.NewKeyedFacts()
	reader := proto.NewReader(body)
	for {
		more, err := facts.Decode(reader, clickhouse.ClientTCPProtocolVersion)
		if err != nil || !more {
			return err
		}
		if err := add(facts); err != nil {
			return err
		}
	}
}

// statement is a file of sql with the columns of facts filled in.
func statement(name string, content ...string) string {
	var b strings.Builder
	t := template.Must(template.ParseFS(files, "sql/*.sql"))
	if err := t.ExecuteTemplate(&b, name, struct {
		Columns []string
		Content string
	}{fold.KeyedColumns(), strings.Join(content, "")}); err != nil {
		panic(err) // a file of this package, and names from a closed list
	}
	return b.String()
}
