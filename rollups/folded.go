package rollups

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/rapport-project/rapport/rollups/fold"
	"github.com/rapport-project/rapport/schemas"
)

// mostFolded is about how many bytes of cells are gathered before days are taken in smaller numbers: cells of one day are held whole.
const mostFolded = 64 << 20

// errTooMuch says that days come to more cells than are held at once.
var errTooMuch = errors.New("rollups: more cells than are held at once")

// ErrNoFold says that the connection is of a protocol that gives no blocks, the native one: statements do what folding does.
var ErrNoFold = clickhouse.ErrFormatNativeUnsupported

// foldGroup recomputes the tables of surveys for a group of days. Facts are read once for all of them and added up here, which costs a tenth of grouping
// them by many names. With ErrNoFold nothing is written.
func (r *Recomputer) foldGroup(ctx context.Context, g dayGroup, versions []Version) error {
	// One at a time: a bound on the memory of one would be none for as many as there are partitions.
	select {
	case r.folding <- struct{}{}:
		defer func() { <-r.folding }()
	case <-ctx.Done():
		return ctx.Err()
	}
	for len(g.spans) > 0 {
		n := len(g.spans)
		if r.fit > 0 {
			n = min(n, r.fit)
		}
		part := g
		part.spans = g.spans[:n]
		err := r.foldPart(ctx, part, versions[:n])
		switch {
		case errors.Is(err, errTooMuch):
			r.fit = max(1, n/2)
			continue
		case err != nil:
			return err
		}
		g.spans, versions = g.spans[n:], versions[n:]
	}
	return nil
}

func (r *Recomputer) foldPart(ctx context.Context, g dayGroup, versions []Version) error {
	folder, days, err := r.foldDays(ctx, g, versions)
	if err != nil {
		return err
	}
	if folder.Bytes() < r.most()/4 {
		r.fit = min(2*r.fit, 1<<20)
	}
	for _, table := range g.family.Tables {
		if err := r.insertFolded(ctx, folder, table, days); err != nil {
			return fmt.Errorf("rollups: recompute %d days of %s: %w", len(days), table, err)
		}
	}
	return nil
}

func (r *Recomputer) most() int { return cmp.Or(r.mostFolded, mostFolded) }

// foldDays folds the facts of a group's days, each a slot of its own.
func (r *Recomputer) foldDays(ctx context.Context, g dayGroup, versions []Version) (*fold.Folder, []fold.Day, error) {
	slots := fold.Days{}
	days := make([]fold.Day, len(g.spans))
	for i, s := range g.spans {
		date, err := time.Parse(time.DateOnly, s.Date)
		if err != nil {
			return nil, nil, fmt.Errorf("rollups: day of tenant %q: %w", s.Tenant, err)
		}
		const day = int64(24 * time.Hour / time.Second)
		of := int32(date.Unix() / day)
		if slots[s.Tenant] == nil {
			slots[s.Tenant] = fold.TenantDays{}
		}
		slots[s.Tenant][of] = i
		days[i] = fold.Day{Slot: i, Tenant: s.Tenant, Date: of, Epoch: versions[i].Epoch, Mark: versions[i].Mark}
	}
	space, err := fold.NewSpace(g.sql.cuts)
	if err != nil {
		return nil, nil, err
	}
	folder := fold.NewFolder(space, slots)
	limited, cancel := context.WithTimeout(ctx, r.o.StepTimeout)
	defer cancel()
	err = readFacts(limited, r.o.Conn, g.sql.facts, g.parameters(nil), false, func(f *fold.Facts) error {
		if len(g.spans) > 1 && folder.Bytes() > r.most() {
			return errTooMuch
		}
		return folder.Add(f)
	})
	if len(g.spans) > 1 && ctx.Err() == nil && (errors.Is(err, fold.ErrTooMany) || errors.Is(err, context.DeadlineExceeded)) {
		err = errTooMuch
	}
	if err != nil && !errors.Is(err, errTooMuch) {
		err = fmt.Errorf("rollups: facts of %d days: %w", len(days), err)
	}
	return folder, days, err
}

func (r *Recomputer) insertFolded(ctx context.Context, folder *fold.Folder, table string, days []fold.Day) error {
	rows, err := folder.Rows(table, days)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, r.o.StepTimeout)
	defer cancel()
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{
		"async_insert": 0, "insert_deduplicate": 0, "max_partitions_per_insert_block": 0,
	}))
	return r.o.Conn.InsertFormat(ctx, "Native", rows.Insert(), rows)
}

// readFacts runs a statement of facts.sql and gives its blocks to add, each until the next.
func readFacts(ctx context.Context, conn driver.Conn, sql string, args []any, digest bool, add func(*fold.Facts) error) (err error) {
	body, err := conn.QueryFormat(ctx, "Native", sql, args...)
	if err != nil {
		return err
	}
	// What is left of the answer where this ends early is not of interest, and neither is how its connection ends.
	defer func() { _ = body.Close() }()
	facts := fold.NewFacts(digest)
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

// Hours are whole hours, since 1970 UTC: First <= hour < End.
type Hours struct{ First, End uint32 }

// FoldFacts adds the survey facts of hours of a tenant to the cells of a folder: what Spans gives for the tables of surveys, of all of them from one scan.
// With digest the cells of a slot have the digest of its facts too. The error is ErrNoFold where only statements will do.
func FoldFacts(ctx context.Context, conn driver.Conn, tenant string, hours []Hours, digest bool, folder *fold.Folder) error {
	f, _ := familyOf(schemas.Surveys)
	sql, err := factsStatement(f, digest)
	if err != nil {
		return err
	}
	g := dayGroup{zone: "UTC"}
	for _, h := range hours {
		g.spans = append(g.spans, span{schemas.Day{Tenant: tenant, Date: "1970-01-01"}, h.First, h.End})
	}
	if err := readFacts(ctx, conn, sql, g.parameters(nil), digest, folder.Add); err != nil {
		return fmt.Errorf("rollups: facts of tenant %q: %w", tenant, err)
	}
	return nil
}

// factsStatement reads what package fold takes.
func factsStatement(f family, digest bool) (string, error) {
	sql, err := render("facts.sql", struct {
		family
		Columns []string
	}{f, fold.Columns(digest)})
	return sql + pinned, err
}
