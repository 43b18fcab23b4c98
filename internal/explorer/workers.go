package explorer

import "fmt"

// worker is what processors and rollers share: a place in a group, and how it fares.
type worker struct {
	name       string
	index      int
	skew       int64
	generation int // the one it joined; behind that of the group it is a zombie
	owns       [partitions]bool
	position   [partitions]int
	epoch      uint64 // in force when it joined
	wakes      uint64 // paused until then
}

func (w *world) newWorker(kind string, index int) worker {
	return worker{name: fmt.Sprint(kind, " ", index), index: index, skew: int64(w.rng.IntN(2*maxSkew)) - maxSkew, generation: -1}
}

// join takes over what the group gives the worker, from the committed offsets on. The epoch is read first.
func (w *world) join(k *worker, g *group) {
	k.epoch = w.epoch
	k.generation = g.generation
	for p := range g.owner {
		k.owns[p] = g.owner[p] == k.index
		k.position[p] = g.committed[p]
	}
}

// fetch chooses a partition with something to read; false is none. A zombie may fetch on before it notices.
func (w *world) fetch(k *worker, g *group, length func(p int) int) (p, from, to int, ok bool) {
	if k.generation != g.generation && (k.generation < 0 || w.rng.IntN(3) > 0) {
		w.join(k, g)
	}
	first := w.rng.IntN(partitions)
	for i := range partitions {
		p := (first + i) % partitions
		if n := length(p); k.owns[p] && k.position[p] < n {
			from = k.position[p]
			to = min(n, from+1+w.rng.IntN(batchSize))
			k.position[p] = to
			return p, from, to, true
		}
	}
	if k.generation != g.generation {
		w.join(k, g)
	}
	return 0, 0, 0, false
}

// commit moves the group on, unless the worker's generation is over.
func (w *world) commit(k *worker, g *group, p, next int) {
	if k.generation == g.generation && k.owns[p] {
		g.committed[p] = next
		w.note("%s commits %d of partition %d", k.name, next, p)
		return
	}
	w.note("%s may not commit partition %d: a zombie", k.name, p)
	w.join(k, g)
}

// processor is between steps of a batch; done == len(order) is idle.
type processor struct {
	worker
	busy            bool
	done            int // steps of the batch
	partition, next int
	batch           []event
	stale           [days]bool // days to mark
}

func (w *world) stepProcessor(k *processor) bool {
	if !k.busy {
		p, from, to, ok := w.fetch(&k.worker, &w.readers, func(p int) int { return len(w.log[p]) })
		if !ok {
			return false
		}
		*k = processor{worker: k.worker, busy: true, partition: p, next: to, batch: append(k.batch[:0], w.log[p][from:to]...)}
		for _, e := range k.batch {
			k.stale[e.day] = !w.rules.MarkOnlyChanged
		}
		w.note("%s fetches %d to %d of partition %d", k.name, from, to, p)
		return true
	}
	switch w.rules.Order[k.done] {
	case InsertFacts:
		w.insertBatch(k, len(k.batch))
	case PublishMarks:
		w.publishMarks(k, days)
		if w.rng.IntN(4) == 0 {
			return true // the acknowledgement was lost: all marks go out again
		}
	case CommitOffsets:
		w.commit(&k.worker, &w.readers, k.partition, k.next)
	}
	k.done++
	k.busy = k.done < len(w.rules.Order)
	return true
}

// insertBatch inserts the first n facts of the batch.
func (w *world) insertBatch(k *processor, n int) {
	for _, e := range k.batch[:n] {
		if w.insert(e) {
			k.stale[e.day] = true
		}
	}
	w.note("%s inserts %d of %d facts", k.name, n, len(k.batch))
}

// publishMarks publishes the marks of the first n days.
func (w *world) publishMarks(k *processor, n int) {
	for d, stale := range k.stale[:n] {
		if stale {
			w.mark(uint8(d))
		}
	}
	w.note("%s publishes marks of %v", k.name, k.stale[:n])
}

// crashProcessor ends a processor in the middle of its step: part of what it was writing may be there.
func (w *world) crashProcessor(k *processor) {
	if k.busy {
		switch w.rules.Order[k.done] {
		case InsertFacts:
			w.insertBatch(k, w.rng.IntN(len(k.batch)+1))
		case PublishMarks:
			w.publishMarks(k, w.rng.IntN(days+1))
		}
	}
	w.note("%s crashes", k.name)
	*k = processor{worker: worker{name: k.name, index: k.index, skew: k.skew, generation: -1}}
	w.rebalance(&w.readers, processors)
}

// rollerStep is what a roller does next.
type rollerStep uint8

const (
	idle rollerStep = iota
	readEpoch
	readFacts
	writeRows
	commitMarks
)

// roller answers a batch of marks: it looks whether its epoch is still in force, reads the facts, and writes rows.
type roller struct {
	worker
	step            rollerStep
	partition, next int
	newest          [days]int // offset of the newest mark of each day, -1 for none
	read            [days]uint64
}

func (w *world) stepRoller(k *roller) bool {
	switch k.step {
	case idle:
		p, from, to, ok := w.fetch(&k.worker, &w.rolling, func(p int) int { return len(w.marks[p]) })
		if !ok {
			return false
		}
		k.partition, k.next, k.newest = p, to, [days]int{-1, -1}
		for offset := from; offset < to; offset++ {
			k.newest[w.marks[p][offset]] = offset
		}
		w.note("%s fetches marks %d to %d of partition %d", k.name, from, to, p)
		k.step = readEpoch
	case readEpoch:
		switch {
		case w.rules.EpochAfterFetch:
			k.epoch = w.epoch
		case k.epoch != w.epoch:
			// Offsets in hand may be of a topic that is no more: they go back, to be fetched under the epoch in force.
			w.note("%s finds another epoch", k.name)
			k.step = idle
			w.join(&k.worker, &w.rolling)
			return true
		}
		k.step = readFacts
	case readFacts:
		for d := range k.newest {
			k.read[d] = digest(&w.facts[d])
		}
		w.note("%s reads facts", k.name)
		k.step = writeRows
	case writeRows:
		w.writeRows(k, days)
		k.step = commitMarks
		if w.rng.IntN(10) == 0 {
			k.step = readEpoch // the outcome is unknown: all again
		}
	case commitMarks:
		w.commit(&k.worker, &w.rolling, k.partition, k.next)
		k.step = idle
	}
	return true
}

// writeRows writes the rows of the first n days.
func (w *world) writeRows(k *roller, n int) {
	for d, offset := range k.newest[:n] {
		if offset >= 0 {
			r := row{w.rules.Version(k.epoch, int64(offset), Moment{w.now + maxSkew, k.skew}), k.read[d]}
			w.write(uint8(d), r)
			w.note("%s writes day %d under %v", k.name, d, r.version)
		}
	}
}

// crashRoller ends a roller in the middle of its step.
func (w *world) crashRoller(k *roller) {
	if k.step == writeRows {
		w.writeRows(k, w.rng.IntN(days+1))
	}
	w.note("%s crashes", k.name)
	*k = roller{worker: worker{name: k.name, index: k.index, skew: k.skew, generation: -1}}
	w.rebalance(&w.rolling, rollers)
}
