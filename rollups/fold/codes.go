package fold

// codes gives numbers to keys, from 0 in the order of their coming: a hash table of whole numbers with open addressing, as the key is found ten times for
// each fact.
type codes struct {
	slots []codeSlot
	n     uint32
}

// codeSlot holds a key and its code plus one; 0 is an empty slot.
type codeSlot struct {
	key  uint64
	code uint32
}

const firstSlots = 16

// of is the code of a key, and whether it is new.
func (c *codes) of(key uint64) (code uint32, fresh bool) {
	if int(c.n)*2 >= len(c.slots) {
		c.grow()
	}
	mask := uint64(len(c.slots) - 1)
	for i := mixed(key) & mask; ; i = (i + 1) & mask {
		s := &c.slots[i]
		if s.code == 0 {
			c.n++
			s.key, s.code = key, c.n
			return c.n - 1, true
		}
		if s.key == key {
			return s.code - 1, false
		}
	}
}

func (c *codes) grow() {
	old := c.slots
	c.slots = make([]codeSlot, max(firstSlots, 2*len(old)))
	mask := uint64(len(c.slots) - 1)
	for _, s := range old {
		if s.code == 0 {
			continue
		}
		i := mixed(s.key) & mask
		for c.slots[i].code != 0 {
			i = (i + 1) & mask
		}
		c.slots[i] = s
	}
}

// bytes is about how much memory it takes.
func (c *codes) bytes() int { return 16 * len(c.slots) }

// mixed spreads a key over all bits; the constants are those of the finalizer of MurmurHash3.
func mixed(x uint64) uint64 {
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}
