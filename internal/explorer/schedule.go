package explorer

import "fmt"

// Explore runs the schedule of a seed under the rules; the error is a *Violation. trace, where it is not nil, is told each step.
func Explore(seed uint64, rules Rules, trace func(format string, args ...any)) error {
	w := newWorld(seed, rules, trace)
	published := append([]event(nil), w.pending...)
	for range busySteps {
		w.busy()
		w.now++
	}
	if err := w.rest(); err != nil {
		return err
	}
	return w.check(seed, published)
}

// Search explores n schedules from a seed on and returns how many failed, and how the first did.
func Search(from uint64, n int, rules Rules) (failed int, first error) {
	for seed := from; seed < from+uint64(n); seed++ {
		if err := Explore(seed, rules, nil); err != nil {
			if failed++; first == nil {
				first = err
			}
		}
	}
	return failed, first
}

// busy is one step of a schedule while things go wrong.
func (w *world) busy() {
	switch x := w.rng.IntN(100); {
	case x < 14:
		w.produce()
	case x < 16:
		w.crashProcessor(&w.processors[w.rng.IntN(processors)])
	case x < 18:
		w.crashRoller(&w.rollers[w.rng.IntN(rollers)])
	case x < 21:
		w.note("rebalance of processors")
		w.rebalance(&w.readers, processors)
	case x < 27:
		w.note("rebalance of rollers")
		w.rebalance(&w.rolling, rollers)
	case x < 31:
		w.pause(w.anyWorker())
	case x < 41:
		w.renew()
	case x < 46:
		w.stepRenewal()
	default:
		w.work()
	}
}

func (w *world) produce() {
	if len(w.pending) == 0 {
		return
	}
	i := w.rng.IntN(len(w.pending))
	e := w.pending[i]
	w.pending[i] = w.pending[len(w.pending)-1]
	w.pending = w.pending[:len(w.pending)-1]
	w.publish(e)
	w.note("an app publishes revision %d of id %d, day %d", e.revision, e.id, e.day)
}

func (w *world) anyWorker() *worker {
	if i := w.rng.IntN(processors + rollers); i < processors {
		return &w.processors[i].worker
	} else {
		return &w.rollers[i-processors].worker
	}
}

// pause stops a worker for a while, mostly for so long that its partitions go to others.
func (w *world) pause(k *worker) {
	k.wakes = w.now + uint64(1+w.rng.IntN(2*busySteps))
	w.note("%s pauses until %d", k.name, k.wakes)
	if w.rng.IntN(4) > 0 {
		w.rebalance(&w.readers, processors)
		w.rebalance(&w.rolling, rollers)
	}
}

// work lets some worker that is awake take a step; false is that it had nothing to do.
func (w *world) work() bool {
	if i := w.rng.IntN(processors + rollers); i < processors {
		k := &w.processors[i]
		return k.wakes <= w.now && w.stepProcessor(k)
	} else {
		k := &w.rollers[i-processors]
		return k.wakes <= w.now && w.stepRoller(k)
	}
}

// renewal is what a process does that finds the marks topic made anew: it raises the epoch, then marks all days with facts.
type renewal struct {
	step rollerStep // idle, readEpoch (raise it), readFacts (list days), writeRows (publish marks)
	list [days]bool
}

// renew makes the marks topic anew, at most once in a schedule: what was in it is lost, and offsets start at 0. It strikes when a
// roller has offsets of the old one in hand, and there are several of them.
func (w *world) renew() {
	delicate := false
	for i := range w.rollers {
		k := &w.rollers[i]
		delicate = delicate || k.step == readEpoch && k.next > 2
	}
	if w.renewed || !delicate {
		return
	}
	w.note("the marks topic is made anew")
	w.renewed = true
	w.marks = [partitions][]uint8{}
	w.rolling.committed = [partitions]int{}
	w.rebalance(&w.rolling, rollers)
	w.renewal.step = readEpoch
}

func (w *world) stepRenewal() bool {
	switch w.renewal.step {
	case idle:
		return false
	case readEpoch:
		if !w.rules.KeepEpoch {
			w.epoch++
		}
		w.note("epoch %d", w.epoch)
		w.renewal.step = readFacts
	case readFacts:
		for d := range w.facts {
			w.renewal.list[d] = w.facts[d] != [ids]event{}
		}
		w.renewal.step = writeRows
	case writeRows:
		for d, has := range w.renewal.list {
			if has {
				w.mark(uint8(d))
			}
		}
		w.note("all days with facts are marked: %v", w.renewal.list)
		w.renewal.step = idle
	}
	return true
}

// rest lets everything finish in some order, zombies with what they have in hand among the rest.
func (w *world) rest() error {
	w.note("no more faults")
	for range 10_000 {
		w.now++
		switch {
		case len(w.pending) > 0 && w.rng.IntN(3) == 0:
			w.produce()
		case w.rng.IntN(8) == 0 && w.stepRenewal():
		default:
			if !w.work() && w.quiet() {
				return nil
			}
		}
	}
	return fmt.Errorf("the schedule does not come to rest")
}

// quiet says whether all is read, committed and done.
func (w *world) quiet() bool {
	if len(w.pending) > 0 || w.renewal.step != idle {
		return false
	}
	for p := range partitions {
		if w.readers.committed[p] < len(w.log[p]) || w.rolling.committed[p] < len(w.marks[p]) {
			return false
		}
	}
	for i := range w.processors {
		if w.processors[i].busy {
			return false
		}
	}
	for i := range w.rollers {
		if w.rollers[i].step != idle {
			return false
		}
	}
	return true
}
