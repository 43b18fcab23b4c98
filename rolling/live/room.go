package live

import (
	"cmp"
	"context"
	"maps"
	"slices"
)

// bytesOfKey is about how much memory the key of a fact takes.
const bytesOfKey = 12

// keepBusy reads the hours of pieces that are busy and not kept, and lets go of what has no room.
func (k *Keeper) keepBusy(ctx context.Context, t *tenant, pieces []Piece) error {
	t.cut(pieces)
	first, end := uint32(max(pieces[0].From, 0)/hour), uint32(0)
	for _, p := range pieces {
		first, end = min(first, uint32(max(p.From, 0)/hour)), max(end, uint32((max(p.To, 0)+hour-1)/hour))
	}
	counts, err := countHours(ctx, k.o.Conn, t.name, first, end)
	if err != nil {
		return err
	}
	limit := k.limit()
	room := limit - t.bytes()
	for _, b := range t.hours {
		room += b.keys.bytes()
	}
	var hours []uint32
	// The latest hours matter most.
	for _, h := range slices.Backward(slices.Sorted(maps.Keys(counts))) {
		need := int(counts[h]) * bytesOfKey
		if t.hours[h] == nil && !t.crowded[h] && counts[h] >= uint64(max(k.o.Facts/5, 1)) && need <= room {
			hours = append(hours, h)
			room -= need
		}
	}
	if len(hours) > 0 {
		if err := t.keep(ctx, k, hours); err != nil {
			return err
		}
	}
	t.shrink(limit)
	return nil
}

// limit is how many bytes each tenant may take.
func (k *Keeper) limit() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.o.Bytes / max(len(k.tenants), 1)
}

// bytes that a tenant takes.
func (t *tenant) bytes() int {
	n := t.folder.Bytes()
	for _, b := range t.hours {
		n += b.keys.bytes()
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
