package live

// keySet is a set of keys with a fingerprint each, eight bytes an entry in tables that are filled to seven eighths at most. The zero value is empty.
type keySet struct {
	shards [256]shard
	n      int
}

type shard struct {
	slots []uint64
	n     int
}

// found is what was known of a key.
type found int

const (
	fresh found = iota
	same
	other
)

const (
	firstSlots = 16
	// An entry is 40 bits of the key beside the 8 that choose the shard, 23 of the fingerprint, and 1, which tells it from an empty slot.
	keyBits = uint64(1)<<40 - 1
)

// add puts a key in, and says whether it was there, with the same fingerprint or another; the one that was there stays.
func (s *keySet) add(key, fingerprint uint64) found {
	h := &s.shards[key>>56]
	if (h.n+1)*8 > len(h.slots)*7 {
		h.grow()
	}
	entry := key>>16&keyBits<<24 | fingerprint>>41<<1 | 1
	mask := uint64(len(h.slots) - 1)
	for i := home(entry) & mask; ; i = (i + 1) & mask {
		switch at := h.slots[i]; {
		case at == 0:
			h.slots[i] = entry
			h.n++
			s.n++
			return fresh
		case at == entry:
			return same
		case at>>24 == entry>>24:
			return other
		}
	}
}

// home spreads entries over a table; the fingerprint has no part in it.
func home(entry uint64) uint64 { return (entry >> 24) * 0x9e3779b97f4a7c15 >> 20 }

func (h *shard) grow() {
	old := h.slots
	h.slots = make([]uint64, max(firstSlots, 2*len(old)))
	mask := uint64(len(h.slots) - 1)
	for _, entry := range old {
		if entry == 0 {
			continue
		}
		i := home(entry) & mask
		for h.slots[i] != 0 {
			i = (i + 1) & mask
		}
		h.slots[i] = entry
	}
}

// bytes that the tables take.
func (s *keySet) bytes() int {
	if s == nil {
		return 0
	}
	n := 0
	for i := range s.shards {
		n += 8 * len(s.shards[i].slots)
	}
	return n
}
