package explorer

// rollerStep is what a roller does next.
type rollerStep uint8

const (
	rest rollerStep = iota
	readEpoch
	readSource
	writeRows
	commitDays
)

// roller answers a batch of marks of days: it looks whether its epoch is still in force, reads facts or outcomes, and writes rows.
type roller struct {
	worker
	step            rollerStep
	partition, next int
	newest          [int(kinds) * days]int // offset of the newest mark of each day, -1 for none
	read            [int(kinds) * days]uint64
}

func (w *world) stepRoller(k *roller) bool {
	switch k.step {
	case rest:
		p, from, to, ok := w.fetch(&k.worker, &w.rolling, &w.rolled, func(p int) int { return len(w.marks[p]) })
		if !ok {
			return false
		}
		k.partition, k.next = p, to
		for d := range k.newest {
			k.newest[d] = -1
		}
		for offset := from; offset < to; offset++ {
			k.newest[w.marks[p][offset]] = offset
		}
		w.note("%s fetches marks %d to %d of partition %d", k.name, from, to, p)
		k.step = readEpoch
	case readEpoch:
		switch {
		case w.rules.EpochAfterFetch:
			k.epoch = w.rolled.number
		case k.epoch != w.rolled.number:
			// Offsets in hand may be of a topic that is no more: they go back, to be fetched under the epoch in force.
			w.note("%s finds another epoch", k.name)
			k.step = rest
			w.join(&k.worker, &w.rolling, &w.rolled)
			return true
		}
		k.step = readSource
	case readSource:
		for d, offset := range k.newest {
			if offset >= 0 {
				k.read[d] = w.digest(day(d))
			}
		}
		w.note("%s reads", k.name)
		k.step = writeRows
	case writeRows:
		if k.step = readEpoch; w.writeRows(k, w.luck()) { // where the outcome is unknown: all again
			k.step = commitDays
		}
	case commitDays:
		w.commit(&k.worker, &w.rolling, &w.rolled, k.partition, k.next)
		k.step = rest
	}
	return true
}

func (w *world) writeRows(k *roller, l luck) bool {
	n := w.share(l, len(k.newest))
	for d, offset := range k.newest[:n] {
		if offset < 0 {
			continue
		}
		r := stored{w.rules.Version(k.epoch, int64(offset), Moment{w.now + maxSkew, k.skew}), k.read[d]}
		if w.rows[d].put(r) {
			w.changes++
		}
		w.note("%s writes day %d under %v", k.name, d, r.version)
	}
	return l == good
}

// crashRoller ends a roller in the middle of its step.
func (w *world) crashRoller(k *roller) {
	if k.step == writeRows {
		w.writeRows(k, partial)
	}
	w.note("%s crashes", k.name)
	*k = roller{worker: k.anew()}
	w.rebalance(&w.rolling)
}
