package live

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/rapport-project/rapport/rollups/fold"
)

// Options is what a Keeper works with. Conn is required.
type Options struct {
	Conn driver.Conn
	// Facts is how many facts of a tenant, read at once, make it worth keeping sums; 0: 50,000. An hour with a fifth of them is kept.
	Facts int
	// Bytes bounds about how much memory sums and keys take; 0: 128 MiB.
	Bytes int
}

// Keeper keeps the sums of the tenants that are busy. It is safe for concurrent use.
type Keeper struct {
	o Options
	// content are the columns that tell one content of a fact from another.
	content string
	// whole counts hours that were read whole.
	whole atomic.Uint64

	mu      sync.Mutex
	tenants map[string]*tenant
}

// Piece is From <= time < To in microseconds since 1970 UTC, of a slot.
type Piece struct {
	From, To int64
	Slot     int
}

// New returns a Keeper that keeps nothing yet.
func New(o Options) *Keeper {
	o.Facts, o.Bytes = cmp.Or(o.Facts, 50_000), cmp.Or(o.Bytes, 128<<20)
	return &Keeper{o: o, content: "revision, payload, retracted, superseded", tenants: map[string]*tenant{}}
}

// Read tells how many facts of a tenant were read for an answer: those of a busy tenant will not be again. Cuts are those that sums are kept of.
func (k *Keeper) Read(name string, cuts []string, facts uint64) {
	if facts < uint64(k.o.Facts) {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if t, ok := k.tenants[name]; !ok || !covers(t.cuts, cuts) {
		k.tenants[name] = &tenant{name: name, cuts: slices.Clone(cuts)}
	}
}

func covers(all, some []string) bool {
	return !slices.ContainsFunc(some, func(c string) bool { return !slices.Contains(all, c) })
}

// Forget keeps nothing any more.
func (k *Keeper) Forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	clear(k.tenants)
}

func (k *Keeper) tenant(name string) *tenant {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.tenants[name]
}

// leave keeps nothing of a tenant that is not busy any more.
func (k *Keeper) leave(t *tenant) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.tenants[t.name] == t {
		delete(k.tenants, t.name)
	}
}

func (k *Keeper) all() []*tenant {
	k.mu.Lock()
	defer k.mu.Unlock()
	var all []*tenant
	for _, t := range k.tenants {
		all = append(all, t)
	}
	return all
}

// Changes reads what came for the busy tenants and gives a number for each that rises whenever anything did.
func (k *Keeper) Changes(ctx context.Context) (map[string]uint64, error) {
	all := k.all()
	if len(all) == 0 {
		return nil, nil
	}
	now, err := seeInserts(ctx, k.o.Conn)
	if err != nil {
		return nil, err
	}
	changes := map[string]uint64{}
	for _, t := range all {
		if changes[t.name], err = k.changesOf(ctx, t, now); err != nil {
			return nil, fmt.Errorf("tenant %q: %w", t.name, err)
		}
	}
	return changes, nil
}

func (k *Keeper) changesOf(ctx context.Context, t *tenant, now inserts) (uint64, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now.pending {
		t.folder = nil
		return t.changes, nil
	}
	if t.folder != nil && !now.follows(t.seen) && t.seen.follows(now) {
		return t.changes, nil // another call has seen more meanwhile
	}
	if err := t.follow(ctx, k, now); err != nil {
		return 0, err
	}
	return t.changes, nil
}

// Sum gives take the cells of each slot, as of now, for what is kept of a tenant's pieces, and returns what of them has to be read from the store. The cells
// are take's until it returns. What is not kept and has many facts is read and kept first.
func (k *Keeper) Sum(ctx context.Context, name string, cuts []string, pieces []Piece, take func(slot int, c *fold.Cells)) (left []Piece, err error) {
	t := k.tenant(name)
	if t == nil || !covers(t.cuts, cuts) || len(pieces) == 0 {
		return pieces, nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	now, err := seeInserts(ctx, k.o.Conn)
	if err != nil {
		return nil, err
	}
	if now.pending {
		t.folder = nil
		return pieces, nil
	}
	if err := t.follow(ctx, k, now); err != nil {
		return nil, err
	}
	if err := k.keepBusy(ctx, t, pieces); err != nil {
		return nil, err
	}
	if len(t.hours) == 0 {
		k.leave(t)
		return pieces, nil
	}
	sums := map[int]*fold.Cells{}
	for _, p := range pieces {
		for h := uint32(max(p.From, 0) / hour); int64(h)*hour < p.To; h++ {
			from, to := max(p.From, int64(h)*hour), min(p.To, int64(h+1)*hour)
			if t.hours[h] == nil {
				left = join(left, Piece{from, to, p.Slot})
				continue
			}
			if sums[p.Slot] == nil {
				sums[p.Slot] = fold.NewCells(t.space)
			}
			for _, rest := range t.sum(h, from, to, sums[p.Slot]) {
				left = join(left, Piece{rest.From, rest.To, p.Slot})
			}
		}
	}
	for slot, c := range sums {
		take(slot, c)
	}
	return left, nil
}

// join appends a piece, to the last one where it goes on from it.
func join(all []Piece, p Piece) []Piece {
	if n := len(all); n > 0 && all[n-1].To == p.From && all[n-1].Slot == p.Slot {
		all[n-1].To = p.To
		return all
	}
	return append(all, p)
}
