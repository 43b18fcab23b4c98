package live

import (
	"cmp"
	"context"
	"maps"
	"slices"
)

// bytesOfKey is about how much memory the key of a fact takes.
const bytesOfKey = 12

// keepBusy reads the hours that pieces touch, are busy and not kept, the latest first and one by one, and lets go of what has no room.
func (k *Keeper) keepBusy(ctx context.Context, t *tenant, pieces []Piece) error {
	t.asked++
	t.cut(pieces)
	wanted := hoursOf(pieces)
	counts, err := countHours(ctx, k.o.Conn, t.name, wanted)
	if err != nil {
		return err
	}
	limit := k.limit()
	for _, h := range slices.Backward(wanted) {
		if t.hours[h] != nil || t.crowded[h] || counts[h] < uint64(max(k.o.Facts/5, 1)) || int(counts[h])*bytesOfKey > limit-t.sums() {
			continue
		}
		if err := t.keep(ctx, k, h); err != nil {
			return err
		}
		t.cut(pieces)
		t.shrink(limit)
		if t.hours[h] == nil {
			break // nor is there room for earlier ones
		}
	}
	t.shrink(limit)
	return nil
}

// hoursOf are the hours that pieces touch, in order.
func hoursOf(pieces []Piece) []uint32 {
	hours := map[uint32]struct{}{}
	for _, p := range pieces {
		for h := max(p.From, 0) / hour; h*hour < p.To; h++ {
			hours[uint32(h)] = struct{}{}
		}
	}
	return slices.Sorted(maps.Keys(hours))
}

// limit is how many bytes each tenant may take.
func (k *Keeper) limit() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.o.Bytes / max(len(k.tenants), 1)
}

// bytes that a tenant takes.
func (t *tenant) bytes() int {
	n := t.sums()
	for _, b := range t.hours {
		n += b.keys.bytes()
	}
	return n
}

// sums are the bytes of a tenant without the keys of facts, which can be let go of.
func (t *tenant) sums() int {
	n := t.folder.Bytes()
	for _, b := range t.hours {
		if b.total != nil {
			n += b.total.Bytes()
		}
	}
	return n
}

// shrink lets go of keys, then of minutes, then of hours until what is kept has room: of keys where nothing came for longest, of minutes where no window had an
// edge for longest, of the earliest hours.
func (t *tenant) shrink(limit int) {
	hours := slices.Sorted(maps.Keys(t.hours))
	each := func(before func(a, b *busy) int, let func(h uint32)) {
		slices.SortStableFunc(hours, func(a, b uint32) int { return before(t.hours[a], t.hours[b]) })
		for _, h := range hours {
			if t.bytes() <= limit {
				return
			}
			let(h)
		}
	}
	each(func(a, b *busy) int { return cmp.Compare(a.changed, b.changed) }, func(h uint32) { t.hours[h].keys = nil })
	each(func(a, b *busy) int { return cmp.Compare(a.cut, b.cut) }, func(h uint32) {
		if b := t.hours[h]; !b.collapsed && b.cut < t.asked {
			t.collapse(h)
		}
	})
	slices.Sort(hours)
	for _, h := range hours {
		if t.bytes() <= limit {
			return
		}
		t.drop(h)
		t.crowded[h] = true
	}
}
