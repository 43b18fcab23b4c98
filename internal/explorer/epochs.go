package explorer

// raiseStep is where a process is that raises an epoch: it does so, lists what that makes stale, marks it, and then notes that the marks are out.
type raiseStep uint8

const (
	none raiseStep = iota
	begin
	list
	publishAll
	noteMarked
)

// changeSettings is a restart with other settings, at most one in a schedule: a process finds it at once.
func (w *world) changeSettings() {
	if w.kept.raise != none || w.window != 60 {
		return
	}
	w.note("the settings change")
	w.window = 120
	w.kept.raise, w.kept.marked = begin, false
	w.stepRaise(&w.kept)
}

// renew makes a topic of marks anew, each at most once in a schedule: its marks are lost and its offsets start at 0. It strikes when a worker has
// offsets of the old one in hand, and there are several of them.
func (w *world) renew() {
	e, k := &w.rolled, w.delicateRoller()
	if w.rng.IntN(2) == 0 {
		e, k = &w.kept, w.delicateKeeper()
	}
	if e.raise != none || e.anew || k == nil {
		return
	}
	w.note("a topic is made anew while %s has marks of the old one", k.name)
	if e == &w.kept {
		w.stale, w.keeping.committed = [partitions][]entityMark{}, [partitions]int{}
		w.rebalance(&w.keeping)
	} else {
		w.marks, w.rolling.committed = [partitions][]day{}, [partitions]int{}
		w.rebalance(&w.rolling)
	}
	e.raise, e.anew, w.excused = begin, true, true
	w.changes++
	if w.rng.IntN(2) == 0 {
		k.wakes = w.now + uint64(w.rng.IntN(10))
		w.stepRaise(e)
	}
}

func (w *world) delicateKeeper() *worker {
	for i := range w.keepers {
		if k := &w.keepers[i]; k.step == lookUpEpoch && k.next > 1 {
			return &k.worker
		}
	}
	return nil
}

func (w *world) delicateRoller() *worker {
	for i := range w.rollers {
		if k := &w.rollers[i]; k.step == readEpoch && k.next > 2 {
			return &k.worker
		}
	}
	return nil
}

func (w *world) stepRaise(e *epochs) bool {
	outcomes := e == &w.kept
	if e.wakes > w.now {
		return false
	}
	switch e.raise {
	case none:
		return false
	case begin:
		if !w.rules.KeepEpoch && !(outcomes && w.rules.SettingsKeepEpoch) {
			e.number++
			e.marked = false
		}
		w.note("epoch %d (of outcomes: %v)", e.number, outcomes)
		e.raise = list
		if w.rng.IntN(2) == 0 {
			e.wakes = w.now + uint64(w.rng.IntN(maxBusy))
		}
	case list:
		e.list = [int(kinds) * days]bool{}
		if outcomes {
			for i := range cells {
				if k := keyOf(i); k.kind != surveys && w.byEntity[i].revision > 0 {
					e.list[entityOf(k.kind, k.entity)] = true
				}
			}
		} else {
			for d := range e.list {
				e.list[d] = w.inUse(day(d))
			}
		}
		e.raise = publishAll
	case publishAll:
		var s staleness
		if outcomes {
			copy(s.entities[:], e.list[:])
		} else {
			s.days = e.list
		}
		if !w.publish("the raise of an epoch", &s) {
			return true
		}
		e.raise = noteMarked
	case noteMarked:
		e.marked = true
		e.raise = none
	}
	w.changes++
	return true
}
