package explorer

import "fmt"

// group is a consumer group: who owns each partition in the present generation, and what is committed.
type group struct {
	members    int
	stage      int
	generation int
	owner      [partitions]int
	committed  [partitions]int
}

// epochs are the epoch in force of one stage and whether its marks are out.
type epochs struct {
	number uint64
	marked bool
	raise  raiseStep
	anew   bool                    // its topic was made anew once
	wakes  uint64                  // its raise goes on then
	list   [int(kinds) * days]bool // what to mark
}

// worker is what all workers share: a place in a group, and how it fares.
type worker struct {
	name       string
	index      int
	skew       int64
	generation int // the one it joined; behind that of the group it is a zombie
	owns       [partitions]bool
	position   [partitions]int
	epoch      uint64 // in force when it joined
	window     int16  // of the settings it was started with
	wakes      uint64 // paused until then
}

func (w *world) newWorker(kind string, index int) worker {
	return worker{name: fmt.Sprint(kind, " ", index), index: index, skew: int64(w.rng.IntN(2*maxSkew)) - maxSkew, generation: -1}
}

// anew is the worker of the process that is started in the place of one that died.
func (k *worker) anew() worker {
	return worker{name: k.name, index: k.index, skew: k.skew, generation: -1}
}

// rebalance begins a generation with owners drawn anew. Owners of the one before do not know yet.
func (w *world) rebalance(g *group) {
	g.generation++
	for p := range g.owner {
		g.owner[p] = w.rng.IntN(g.members)
	}
}

// join takes over what the group gives the worker, from the committed offsets on. The epoch is read first.
func (w *world) join(k *worker, g *group, e *epochs) {
	if e != nil {
		k.epoch, k.window = e.number, w.window
	}
	k.generation = g.generation
	for p := range g.owner {
		k.owns[p] = g.owner[p] == k.index
		k.position[p] = g.committed[p]
	}
}

// fetch chooses a partition with something to read; false is none. A zombie may fetch on before it notices.
func (w *world) fetch(k *worker, g *group, e *epochs, length func(p int) int) (p, from, to int, ok bool) {
	if k.generation != g.generation && (k.generation < 0 || w.rng.IntN(3) > 0) {
		w.join(k, g, e)
	}
	if w.lingering == g.stage && w.rng.IntN(3) == 0 {
		k.wakes = w.now + uint64(w.rng.IntN(maxBusy/2))
		return 0, 0, 0, false
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
		w.join(k, g, e)
	}
	return 0, 0, 0, false
}

// commit moves the group on, unless the worker's generation is over. One that fails makes the worker leave and join again from
// what is committed, which may be what it asked for.
func (w *world) commit(k *worker, g *group, e *epochs, p, next int) {
	if k.generation != g.generation || !k.owns[p] {
		w.note("%s may not commit partition %d: a zombie", k.name, p)
		w.join(k, g, e)
		return
	}
	l := w.luck()
	if l == good || l == lost {
		g.committed[p] = next
		w.changes++
		w.note("%s commits %d of partition %d", k.name, next, p)
	}
	if l != good {
		w.note("%s sees its commit of partition %d fail", k.name, p)
		w.rebalance(g)
		w.join(k, g, e)
	}
}
