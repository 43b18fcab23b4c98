package explorer

import (
	"fmt"
	"math/rand/v2"
)

// Sizes of the model: small, so that workers meet often.
const (
	partitions  = 2
	days        = 2
	hoursOfDay  = 2
	hours       = days * hoursOfDay
	ids         = 3
	entities    = 2 // chains, and cases
	processors  = 2
	keepers     = 2
	rollers     = 3
	sweepers    = 2
	maxEvents   = 8
	batchSize   = 3
	maxSkew     = 100
	maxBusy     = 220
	restSteps   = 20_000
	maxPatience = 30 // looks of a sweeper at what is pending
)

// world is the state that outlives workers: the logs, the groups, the tables.
type world struct {
	rules     Rules
	rng       *rand.Rand
	trace     func(string, ...any)
	now       uint64
	faulty    bool // inserts, publishes and commits may fail
	trouble   Trouble
	sweeping  bool
	lingering int    // stage whose workers are slow to fetch; 3: none
	excused   bool   // something happened of which a sweeper may be sure that it is a mismatch
	changes   uint64 // counts what was appended and inserted

	pending []delivery // not yet published by their apps
	log     [partitions][]delivery
	stale   [partitions][]entityMark
	marks   [partitions][]day
	readers group // of log
	keeping group // of stale
	rolling group // of marks

	tables
	kept, rolled epochs // of outcomes, of rollups
	window       int16  // in force, in minutes

	processors [processors]processor
	keepers    [keepers]keeper
	rollers    [rollers]roller
	sweepers   [sweepers]sweeper
	mismatches int
}

// Explore runs the schedule of a seed under the rules, with the trouble that the seed chooses; the error is a *Violation. trace, where it is not
// nil, is told each step.
func Explore(seed uint64, rules Rules, trace func(format string, args ...any)) error {
	return explore(newWorld(seed, rules, trace), seed)
}

// ExploreTrouble is Explore with the trouble given: what it leaves out does not happen.
func ExploreTrouble(seed uint64, rules Rules, t Trouble, trace func(format string, args ...any)) error {
	w := newWorld(seed, rules, trace)
	w.trouble, w.sweeping = t, true
	return explore(w, seed)
}

func explore(w *world, seed uint64) error {
	w.sweeping = w.sweeping && !w.rules.NoSweeper
	w.plan()
	w.start()
	published := append([]delivery(nil), w.pending...)
	w.faulty = true
	for range maxBusy/2 + w.rng.IntN(maxBusy/2) {
		w.busy()
		w.now++
	}
	w.faulty = false
	if err := w.rest(); err != nil {
		return &Violation{Seed: seed, What: err.Error()}
	}
	if v := w.check(published); v != nil {
		v.Seed = seed
		return v
	}
	return nil
}

func newWorld(seed uint64, rules Rules, trace func(string, ...any)) *world {
	w := &world{rules: rules, rng: rand.New(rand.NewPCG(seed, 0x7261707)), trace: trace, window: 60}
	w.kept, w.rolled = epochs{number: 1, marked: true}, epochs{number: 1, marked: true}
	w.lingering = w.rng.IntN(4)
	switch w.rng.IntN(5) {
	case 0, 1: // the marks alone
	case 2:
		w.sweeping = true
	default:
		w.sweeping = true
		some := Trouble(1 + w.rng.IntN(int(allTroubles)))
		w.trouble = some & Trouble(1+w.rng.IntN(int(allTroubles)))
	}
	return w
}

func (w *world) start() {
	for i := range w.processors {
		w.processors[i].worker = w.newWorker("processor", i)
	}
	for i := range w.keepers {
		w.keepers[i].worker = w.newWorker("keeper", i)
	}
	for i := range w.rollers {
		w.rollers[i].worker = w.newWorker("roller", i)
	}
	for i := range w.sweepers {
		w.sweepers[i].worker = w.newWorker("sweeper", i)
	}
	w.readers.members, w.keeping.members, w.rolling.members = processors, keepers, rollers
	for stage, g := range []*group{&w.readers, &w.keeping, &w.rolling} {
		g.stage = stage
		w.rebalance(g)
	}
}

func (w *world) note(format string, args ...any) {
	if w.trace != nil {
		w.trace("%4d "+format, append([]any{w.now}, args...)...)
	}
}

// luck is how a call to a broker or a table ends.
type luck uint8

const (
	good    luck = iota
	refused      // nothing was done, and the caller is told so
	partial      // part of it was done before it failed
	lost         // all was done, and the answer did not arrive
)

func (w *world) luck() luck {
	if !w.faulty {
		return good
	}
	if x := w.rng.IntN(24); x < 3 {
		return refused + luck(x)
	}
	return good
}

// share of n that a call did.
func (w *world) share(l luck, n int) int {
	switch l {
	case refused:
		return 0
	case partial:
		return w.rng.IntN(n + 1)
	}
	return n
}

// Violation is a schedule after which something stored does not equal the batch of its events, or a mismatch was counted that was none.
type Violation struct {
	// Seed of the schedule; Explore with it runs the same one again.
	Seed uint64
	// What is wrong.
	What string
}

func (v *Violation) Error() string { return fmt.Sprintf("schedule of seed %d: %s", v.Seed, v.What) }
