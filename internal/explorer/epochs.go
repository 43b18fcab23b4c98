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

// raise makes a topic of marks anew, whose marks are lost and whose offsets start at 0, or changes the settings; each at most once in a schedule.
// A topic is struck when a worker has offsets of the old one in hand, and there are several of them.
func (w *world) raise() {
	switch w.rng.IntN(6) {
	case 0, 1: // settings are changed by a restart, which a process finds at once
		if w.kept.raise != none || w.window != 60 {
			return
		}
		w.note("the settings change")
		w.window = 120
		w.kept.raise, w.kept.marked = begin, false
		w.stepRaise(&w.kept)
	case 2, 3:
		if w.kept.raise != none || w.kept.anew || !w.delicateKeepers() {
			return
		}
		w.note("the topic of stale entities is made anew")
		w.stale, w.keeping.committed = [partitions][]entityMark{}, [partitions]int{}
		w.rebalance(&w.keeping)
		w.kept.raise, w.kept.anew, w.excused = begin, true, true
	default:
		if w.rolled.raise != none || w.rolled.anew || !w.delicateRollers() {
			return
		}
		w.note("the topic of stale days is made anew")
		w.marks, w.rolling.committed = [partitions][]day{}, [partitions]int{}
		w.rebalance(&w.rolling)
		w.rolled.raise, w.rolled.anew, w.excused = begin, true, true
	}
	w.changes++
}

func (w *world) delicateKeepers() bool {
	for i := range w.keepers {
		if k := &w.keepers[i]; k.step == lookUpEpoch && k.next > 1 {
			return true
		}
	}
	return false
}

func (w *world) delicateRollers() bool {
	for i := range w.rollers {
		if k := &w.rollers[i]; k.step == readEpoch && k.next > 2 {
			return true
		}
	}
	return false
}

func (w *world) stepRaise(e *epochs) bool {
	outcomes := e == &w.kept
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
