package explorer

import "fmt"

// plan decides what the apps publish: a few events, each id with an hour and an entity of its own unless there is trouble.
func (w *world) plan() {
	var home [kinds][ids]key
	for k := range kinds {
		for id := range uint8(ids) {
			home[k][id] = key{k, id, uint8(w.rng.IntN(hours)), uint8(w.rng.IntN(entities))}
		}
	}
	focus := w.rng.IntN(3)
	for i := range 1 + w.rng.IntN(maxEvents) {
		of := kind(w.rng.IntN(int(kinds)))
		switch focus {
		case 0:
			of = surveys
		case 1:
			of = contacts + of%2
		}
		d := delivery{home[of][w.rng.IntN(ids)], fact{revision: uint8(1 + w.rng.IntN(3)), half: w.rng.IntN(2) == 0, what: uint8(w.rng.IntN(3))}}
		if of == contacts {
			d.caseID = uint8(w.rng.IntN(entities + 1))
		}
		d.retracted = w.rng.IntN(6) == 0
		if w.trouble&TwoHours != 0 && w.rng.IntN(3) == 0 {
			d.hour = uint8(w.rng.IntN(hours))
		}
		if of == surveys {
			d.entity = 0
		} else if w.trouble&KeylessRetraction != 0 && d.retracted {
			d.entity = (d.entity + 1) % entities
			d.what, d.caseID = 0, 0
		}
		d.payload = payloadOf(d)
		w.pending = append(w.pending, d)
		if w.rng.IntN(3) == 0 {
			w.pending = append(w.pending, w.pending[w.rng.IntN(i+1)])
		}
	}
}

// payloadOf is another number for other content, in no order that means anything.
func payloadOf(d delivery) uint16 {
	n := uint16(d.hour)
	n = n<<1 | uint16(d.entity)
	n = n<<1 | uint16(yes(d.half))
	n = n<<2 | uint16(d.what)
	n = n<<2 | uint16(d.caseID)
	n = n<<1 | uint16(yes(d.retracted))
	return n * 40503 // odd, so one to one
}

// busy is one step of a schedule while things go wrong.
func (w *world) busy() {
	switch x := w.rng.IntN(100); {
	case x < 10:
		w.produce()
	case x < 11:
		w.crashProcessor(&w.processors[w.rng.IntN(processors)])
	case x < 12:
		w.crashKeeper(&w.keepers[w.rng.IntN(keepers)])
	case x < 13:
		w.crashRoller(&w.rollers[w.rng.IntN(rollers)])
	case x < 14:
		if w.sweeping {
			w.crashSweeper(&w.sweepers[w.rng.IntN(sweepers)])
		}
	case x < 20:
		g := [...]*group{&w.readers, &w.keeping, &w.rolling}[w.rng.IntN(3)]
		w.note("a group rebalances")
		w.rebalance(g)
	case x < 23:
		w.pause(w.anyWorker())
	case x < 24:
		w.changeSettings()
	case x < 30:
		w.renew()
	case x < 33:
		w.stepRaise(&w.kept)
		w.stepRaise(&w.rolled)
	case x < 38:
		w.plant()
	default:
		w.work()
	}
}

func (w *world) produce() {
	if len(w.pending) == 0 {
		return
	}
	i := w.rng.IntN(len(w.pending))
	d := w.pending[i]
	w.pending[i] = w.pending[len(w.pending)-1]
	w.pending = w.pending[:len(w.pending)-1]
	p := w.rng.IntN(partitions) // deliveries of one id may come by any partition
	w.log[p] = append(w.log[p], d)
	w.changes++
	w.note("an app publishes %+v", d)
}

// plant makes trouble that no event makes.
func (w *world) plant() {
	switch what := w.trouble & Trouble(1<<w.rng.IntN(4)); {
	case what == LostMarks && w.rng.IntN(2) == 0:
		p := w.rng.IntN(partitions)
		w.keeping.committed[p] = len(w.stale[p])
		w.rebalance(&w.keeping)
		w.note("an operator skips the marks of entities in partition %d", p)
		w.excused = true
	case what == LostMarks:
		p := w.rng.IntN(partitions)
		w.rolling.committed[p] = len(w.marks[p])
		w.rebalance(&w.rolling)
		w.note("an operator skips the marks of days in partition %d", p)
		w.excused = true
	case what == Tampered:
		d := w.rng.IntN(len(w.rows))
		w.rows[d].digest++
		if c := w.rng.IntN(cells); w.outcomes[c].present {
			w.outcomes[c].digest++
		}
		w.changes++
		w.excused = true
		w.note("somebody changes day %d", d)
	}
}

// workers are all of them, each with what lets it take a step.
func (w *world) anyWorker() *worker {
	switch i := w.rng.IntN(processors + keepers + rollers + sweepers); {
	case i < processors:
		return &w.processors[i].worker
	case i < processors+keepers:
		return &w.keepers[i-processors].worker
	case i < processors+keepers+rollers:
		return &w.rollers[i-processors-keepers].worker
	default:
		return &w.sweepers[i-processors-keepers-rollers].worker
	}
}

// pause stops a worker for a while, mostly for so long that its partitions go to others.
func (w *world) pause(k *worker) {
	k.wakes = w.now + uint64(1+w.rng.IntN(2*maxBusy))
	w.note("%s pauses until %d", k.name, k.wakes)
	if w.rng.IntN(4) > 0 {
		w.rebalance(&w.readers)
		w.rebalance(&w.keeping)
		w.rebalance(&w.rolling)
	}
}

// work lets some worker that is awake take a step; false is that it had nothing to do.
func (w *world) work() bool {
	n := processors + keepers + rollers
	if w.sweeping {
		n += sweepers
	}
	switch i := w.rng.IntN(n); {
	case i < processors:
		k := &w.processors[i]
		return k.wakes <= w.now && w.stepProcessor(k)
	case i < processors+keepers:
		k := &w.keepers[i-processors]
		return k.wakes <= w.now && w.stepKeeper(k)
	case i < processors+keepers+rollers:
		k := &w.rollers[i-processors-keepers]
		return k.wakes <= w.now && w.stepRoller(k)
	default:
		k := &w.sweepers[i-processors-keepers-rollers]
		return k.wakes <= w.now && w.stepSweeper(k)
	}
}

// rest lets everything finish in some order, zombies with what they have in hand among the rest.
func (w *world) rest() error {
	w.note("no more faults")
	restarts := w.rng.IntN(2) == 0
	slow := 3 << w.rng.IntN(5) // how seldom apps and raised epochs get on
	for range restSteps {
		w.now++
		switch {
		case len(w.pending) > 0 && w.rng.IntN(slow) == 0:
			w.produce()
		case w.rng.IntN(slow) == 0 && (w.stepRaise(&w.kept) || w.stepRaise(&w.rolled)):
		case restarts && w.rng.IntN(150) == 0:
			w.changeSettings()
		default:
			w.work()
			if w.quiet() {
				return nil
			}
		}
	}
	return fmt.Errorf("it does not come to rest")
}

// quiet says whether all is read, committed and done, and the sweepers saw it so.
func (w *world) quiet() bool {
	if len(w.pending) > 0 || w.kept.raise != none || w.rolled.raise != none {
		return false
	}
	for p := range partitions {
		if w.readers.committed[p] < len(w.log[p]) || w.keeping.committed[p] < len(w.stale[p]) || w.rolling.committed[p] < len(w.marks[p]) {
			return false
		}
	}
	for i := range w.processors {
		if w.processors[i].busy {
			return false
		}
	}
	for i := range w.keepers {
		if w.keepers[i].step != idle {
			return false
		}
	}
	for i := range w.rollers {
		if w.rollers[i].step != rest {
			return false
		}
	}
	for i := range w.sweepers {
		if w.sweeping && w.sweepers[i].calm != w.changes {
			return false
		}
	}
	return true
}
