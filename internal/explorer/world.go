package explorer

import (
	"fmt"
	"math/rand/v2"

	"github.com/rapport-project/rapport/rollups"
)

// Sizes of the model: small, so that workers meet often.
const (
	partitions = 2
	days       = 2
	ids        = 3
	processors = 2
	rollers    = 3
	maxEvents  = 8
	batchSize  = 3
	busySteps  = 90
	maxSkew    = 100
)

// event is one delivery of a fact. The highest revision of a (day, id) holds.
type event struct {
	day, id  uint8
	revision uint8 // 1 or more
	value    uint16
	retract  bool
}

// group is a consumer group: who owns each partition in the present generation, and what is committed.
type group struct {
	generation int
	owner      [partitions]int
	committed  [partitions]int
}

// row is a rollup as stored.
type row struct {
	version rollups.Version
	digest  uint64
}

// world is the state that outlives workers: the logs, the groups, the tables.
type world struct {
	rules Rules
	rng   *rand.Rand
	trace func(string, ...any)
	now   uint64

	pending []event // not yet published by their apps
	log     [partitions][]event
	marks   [partitions][]uint8
	readers group // of log
	rolling group // of marks

	facts [days][ids]event
	rows  [days]row
	epoch uint64

	processors [processors]processor
	rollers    [rollers]roller
	renewal    renewal
	renewed    bool
}

func newWorld(seed uint64, rules Rules, trace func(string, ...any)) *world {
	w := &world{rules: rules, rng: rand.New(rand.NewPCG(seed, 0x7261707)), trace: trace, epoch: 1}
	for i := range 1 + w.rng.IntN(maxEvents) {
		e := event{day: uint8(w.rng.IntN(days)), id: uint8(w.rng.IntN(ids)), revision: uint8(1 + w.rng.IntN(3))}
		// Deliveries of one revision have one content, or the highest could not be told.
		e.value = uint16(e.day)<<8 | uint16(e.id)<<4 | uint16(e.revision)
		e.retract = e.revision == 3 && e.id%2 == 0
		w.pending = append(w.pending, e)
		if w.rng.IntN(3) == 0 {
			w.pending = append(w.pending, w.pending[w.rng.IntN(i+1)])
		}
	}
	for i := range w.processors {
		w.processors[i].worker = w.newWorker("processor", i)
	}
	for i := range w.rollers {
		w.rollers[i].worker = w.newWorker("roller", i)
	}
	w.rebalance(&w.readers, processors)
	w.rebalance(&w.rolling, rollers)
	return w
}

func (w *world) note(format string, args ...any) {
	if w.trace != nil {
		w.trace("%4d "+format, append([]any{w.now}, args...)...)
	}
}

// rebalance begins a generation with owners drawn anew. Owners of the one before do not know yet.
func (w *world) rebalance(g *group, members int) {
	g.generation++
	for p := range g.owner {
		g.owner[p] = w.rng.IntN(members)
	}
}

func (w *world) publish(e event) {
	p := w.rng.IntN(partitions) // deliveries of one id may come by any partition
	w.log[p] = append(w.log[p], e)
}

// insert keeps the highest revision, and says whether the fact is new.
func (w *world) insert(e event) bool {
	if have := w.facts[e.day][e.id]; have.revision >= e.revision {
		return false
	}
	w.facts[e.day][e.id] = e
	return true
}

// mark appends a mark to the partition of its day.
func (w *world) mark(day uint8) {
	p := int(day) % partitions
	w.marks[p] = append(w.marks[p], day)
}

// write keeps the row of the highest version; of equal ones the last, as the table does.
func (w *world) write(day uint8, r row) {
	if r.version.Compare(w.rows[day].version) >= 0 {
		w.rows[day] = r
	}
}

// digest is what a rollup of facts holds, order aside.
func digest(facts *[ids]event) uint64 {
	var sum uint64
	for _, f := range facts {
		if f.revision > 0 && !f.retract {
			sum += (uint64(f.value) + 1) * 0x9E3779B97F4A7C15
		}
	}
	return sum
}

// check compares every rollup with the batch of all events, however they came in.
func (w *world) check(seed uint64, published []event) error {
	var batch [days][ids]event
	for _, e := range published {
		if batch[e.day][e.id].revision < e.revision {
			batch[e.day][e.id] = e
		}
	}
	for d := range batch {
		if want := digest(&batch[d]); w.rows[d].digest != want {
			return &Violation{Seed: seed, Day: d, Got: w.rows[d].digest, Want: want}
		}
	}
	return nil
}

// Violation is a rollup that does not equal the batch of its events.
type Violation struct {
	// Seed of the schedule; Explore with it runs the same one again.
	Seed uint64
	// Day of the rollup.
	Day       int
	Got, Want uint64
}

func (v *Violation) Error() string {
	return fmt.Sprintf("schedule of seed %d: the rollup of day %d is %x, the batch of its events %x", v.Seed, v.Day, v.Got, v.Want)
}
