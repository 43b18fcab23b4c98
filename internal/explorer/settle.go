package explorer

import "slices"

// candidates are ids under two keys whose deliveries are not those that this sweeper settled before.
func (w *world) candidates(k *sweeper) {
	k.ids = k.ids[:0]
	for id, set := range w.identities {
		if len(set) > 1 && k.done[id] != len(set) && slices.ContainsFunc(set, func(i identity) bool { return i.key != set[0].key }) {
			k.ids = append(k.ids, id)
			k.seen[id] = slices.Clone(set)
		}
	}
}

// readStored reads the facts of the candidates and finds what is to be written: a row for each key beside the winner's, under the winner's
// version. Those that are superseded already are written again, for an insert before may have come to one of its tables alone.
func (w *world) readStored(k *sweeper) {
	k.losers = k.losers[:0]
	for _, id := range k.ids {
		var group []delivery
		for i := range cells {
			if key := keyOf(i); int(key.kind)*ids+int(key.id) == id && w.facts[i].revision > 0 {
				group = append(group, delivery{key, w.facts[i]})
			}
		}
		if len(group) > 1 {
			winner := slices.MaxFunc(group, func(a, b delivery) int {
				if a.superseded != b.superseded {
					return int(yes(b.superseded)) - int(yes(a.superseded))
				}
				return a.compare(b.fact)
			})
			for _, d := range group {
				k.settled.add(d.key, int16(d.hour)*60, int16(d.hour)*60+60)
				if d.key != winner.key && !(w.rules.SettleOnce && d.superseded) {
					k.losers = append(k.losers, delivery{d.key, fact{revision: winner.revision, payload: winner.payload, superseded: true}})
				}
			}
		}
		complete := !slices.ContainsFunc(k.seen[id], func(i identity) bool {
			have := w.facts[i.cell()]
			return have.compare(fact{revision: i.revision, payload: i.payload}) < 0
		})
		if complete {
			k.done[id] = len(k.seen[id])
		}
	}
}

// stepSettle does a step of settling; true is that it is through.
func (w *world) stepSettle(k *sweeper) bool {
	switch k.step {
	case lookForTwoKeys:
		k.settled = staleness{}
		if w.candidates(k); len(k.ids) == 0 {
			return true
		}
	case readTwoKeys:
		w.readStored(k)
	case supersede:
		l := w.luck()
		w.insertFacts(k.losers, l)
		w.note("%s supersedes %v (luck %d)", k.name, k.losers, l)
		if l != good {
			w.forget(k)
			return false
		}
	case markSettled:
		if !w.rules.SettleUnmarked {
			if !w.publish(k.name, &k.settled) {
				w.forget(k)
				return false
			}
			k.marked = true
		}
		return true
	}
	k.step++
	return false
}

// forget gives the round up: the next one looks at everything again.
func (w *world) forget(k *sweeper) {
	k.done = [int(kinds) * ids]int{}
	k.step, k.after, k.job = lookForTwoKeys, look, 0
}
