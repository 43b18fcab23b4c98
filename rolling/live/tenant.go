package live

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/rapport-project/rapport/rollups/fold"
)

// tenant is what is kept of one.
type tenant struct {
	name string
	cuts []string

	mu     sync.Mutex
	space  *fold.Space
	folder *fold.Folder
	hours  map[uint32]*busy
	// crowded are hours that had no room.
	crowded map[uint32]bool
	// free are slots of hours that are kept no longer, next is the first never used.
	free []int
	next int
	seen inserts
	// changes counts readings that brought anything, asked counts questions.
	changes, asked uint64
	// last is the hour found last: the next fact's, mostly.
	last     *busy
	lastHour uint32
}

func (t *tenant) forget() error {
	space, err := fold.NewSpace(t.cuts)
	if err != nil {
		return err
	}
	t.space, t.folder = space, fold.NewFolder(space, finder{t})
	t.hours, t.crowded, t.free, t.next, t.last = map[uint32]*busy{}, map[uint32]bool{}, nil, 0, nil
	t.changes++
	return nil
}

// finder gives the facts of hours that are kept their slots.
type finder struct{ *tenant }

// Of is the same for each tenant, as only one's facts are read.
func (f finder) Of(string) fold.Finder { return f }

// Slot of a time.
func (f finder) Slot(_ int32, micros int64) int {
	if micros < 0 {
		return -1
	}
	h, part := partOf(micros)
	if b := f.at(h); b != nil {
		return b.base + part
	}
	return -1
}

func (t *tenant) at(h uint32) *busy {
	if t.last == nil || t.lastHour != h {
		t.last, t.lastHour = t.hours[h], h
	}
	return t.last
}

// follow reads what was inserted since. An error leaves nothing kept.
func (t *tenant) follow(ctx context.Context, k *Keeper, now inserts) error {
	if t.folder == nil || !now.follows(t.seen) {
		t.seen = now
		return t.forget()
	}
	if now.equal(t.seen) {
		return nil
	}
	if len(t.hours) == 0 {
		t.seen = now
		t.changes++
		return nil
	}
	first := slices.Min(slices.Collect(maps.Keys(t.hours)))
	args := append(t.seen.parameters(""), now.parameters("now_")...)
	args = append(args, clickhouse.Named("tenant", t.name), clickhouse.Named("first", first))
	stale := map[uint32]bool{}
	rows := 0
	err := k.read(ctx, "later.sql", args, func(f *fold.Facts) error {
		rows += f.Rows()
		for i := range f.Rows() {
			micros := f.Micros(i)
			if micros < 0 {
				continue
			}
			h, _ := partOf(micros)
			b := t.at(h)
			if b == nil {
				continue
			}
			if b.keys == nil {
				stale[h] = true
				f.Skip(i)
				continue
			}
			switch b.keys.add(f.Key(i), f.Fingerprint(i)) {
			case fresh:
				b.total, b.changed = nil, t.changes
			case same:
				f.Skip(i)
			case other:
				stale[h] = true
				f.Skip(i)
			}
		}
		return t.folder.Add(f)
	})
	if err != nil {
		return fmt.Errorf("%w, %w", err, t.forget())
	}
	t.seen = now
	if rows > 0 {
		t.changes++
	}
	for h := range stale {
		t.drop(h)
	}
	return nil
}

// drop keeps an hour no longer.
func (t *tenant) drop(h uint32) {
	b := t.hours[h]
	for part := range parts {
		t.folder.Forget(b.base + part)
	}
	t.free = append(t.free, b.base)
	delete(t.hours, h)
	t.last = nil
}

// collapse keeps of an hour no more than its sum; a fact that comes makes it be read anew.
func (t *tenant) collapse(h uint32) {
	b := t.hours[h]
	b.keys, b.collapsed = nil, true
	t.add(b)
	for part := range parts {
		t.folder.Forget(b.base + part)
	}
}

// add makes the total of an hour.
func (t *tenant) add(b *busy) {
	if b.total == nil {
		b.total = fold.NewCells(t.space)
		for part := range parts {
			b.total.Plus(t.folder.Cells(b.base + part))
		}
	}
}

// cut notes the hours that pieces have edges in: of those their minutes are wanted.
func (t *tenant) cut(pieces []Piece) {
	for _, p := range pieces {
		for _, edge := range []int64{p.From, p.To} {
			h := uint32(max(edge, 0) / hour)
			if b := t.hours[h]; b != nil && edge%hour != 0 {
				if b.cut = t.asked; b.collapsed {
					t.drop(h)
				}
			}
		}
	}
}

// keep reads an hour whole and keeps it from now on.
func (t *tenant) keep(ctx context.Context, k *Keeper, h uint32) error {
	b := &busy{base: t.next, keys: &keySet{}, changed: t.changes}
	if n := len(t.free); n > 0 {
		b.base, t.free = t.free[n-1], t.free[:n-1]
	} else {
		t.next += parts
	}
	t.hours[h] = b
	t.last = nil
	k.whole.Add(1)
	args := append(t.seen.parameters(""), clickhouse.Named("tenant", t.name), clickhouse.Named("hours", []uint32{h}))
	err := k.read(ctx, "whole.sql", args, func(f *fold.Facts) error {
		for i := range f.Rows() {
			if micros := f.Micros(i); micros >= 0 {
				h, _ := partOf(micros)
				if b := t.at(h); b != nil {
					b.keys.add(f.Key(i), f.Fingerprint(i))
				}
			}
		}
		return t.folder.Add(f)
	})
	if err != nil {
		return fmt.Errorf("%w, %w", err, t.forget())
	}
	return nil
}

// sum adds a stretch of a kept hour to cells; what of it is no whole number of parts is left.
func (t *tenant) sum(h uint32, from, to int64, into *fold.Cells) (left []Piece) {
	b := t.hours[h]
	start, end := int64(h)*hour, int64(h+1)*hour
	if from <= start && end <= to {
		t.add(b)
		into.Plus(b.total)
		return nil
	}
	at := max(from, start)
	to = min(to, end)
	for part := range parts {
		first, last := reach(h, part)
		if last <= at || first >= to {
			continue
		}
		if first >= at && last <= to {
			into.Plus(t.folder.Cells(b.base + part))
			continue
		}
		left = append(left, Piece{From: max(first, at), To: min(last, to)})
	}
	return left
}
