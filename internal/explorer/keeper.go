package explorer

import (
	"time"

	"github.com/rapport-project/rapport/outcomes"
	"github.com/rapport-project/rapport/schemas"
)

// answering is what a worker does next that answers marks of entities: cases before the chains that they may make fail.
type answering uint8

const (
	idle answering = iota
	lookUpEpoch
	readCases
	writeCases
	findChains
	markChains
	markDaysOfCases
	readContacts
	readReopened
	writeContacts
	markDaysOfContacts
	commitMarks
)

// asked is what the marks of a batch say of one entity.
type asked struct {
	is, always bool
	span       span // whole hours
	offset     int  // of the newest mark
}

func (a asked) with(m entityMark, offset int) asked {
	a.is, a.offset = true, max(a.offset, offset)
	if !m.set {
		a.always = true
		return a
	}
	a.span.join(m.from-mod(m.from, 60), m.to-mod(m.to, 60)+59)
	return a
}

func mod(a, b int16) int16 { return (a%b + b) % b }

func (a asked) covers(hour uint8) bool {
	return a.span.set && int16(hour)*60 >= a.span.from && int16(hour)*60 <= a.span.to
}

// keeper answers a batch of marks of entities.
type keeper struct {
	worker
	step            answering
	partition, next int
	asked           [allEntities]asked

	facts    [entities][]schemas.ContactFact
	cases    [entities]outcome
	rows     map[int]outcome // of contacts, by cell
	reopened [entities]span  // of cases, with the window before
	stale    staleness
}

// order is the steps of one answer.
func (r *Rules) order() []answering {
	if r.DaysBeforeOutcomes {
		return []answering{lookUpEpoch, readCases, markDaysOfCases, writeCases, findChains, markChains, readContacts, readReopened, markDaysOfContacts, writeContacts, commitMarks}
	}
	return []answering{lookUpEpoch, readCases, writeCases, findChains, markChains, markDaysOfCases, readContacts, readReopened, writeContacts, markDaysOfContacts, commitMarks}
}

func (w *world) nextStep(k *keeper) {
	order := w.rules.order()
	for i, s := range order {
		if s == k.step && i+1 < len(order) {
			k.step = order[i+1]
			return
		}
	}
	k.step = idle
}

func (w *world) stepKeeper(k *keeper) bool {
	ok := true
	switch k.step {
	case idle:
		p, from, to, some := w.fetch(&k.worker, &w.keeping, &w.kept, func(p int) int { return len(w.stale[p]) })
		if !some {
			return false
		}
		*k = keeper{worker: k.worker, step: lookUpEpoch, partition: p, next: to}
		for offset := from; offset < to; offset++ {
			m := w.stale[p][offset]
			k.asked[m.entity] = k.asked[m.entity].with(m, offset)
		}
		w.note("%s fetches marks %d to %d of partition %d: %+v", k.name, from, to, p, k.asked)
		return true
	case lookUpEpoch:
		if w.rules.EpochAfterFetch {
			k.epoch, k.window = w.kept.number, w.window
		} else if k.epoch != w.kept.number {
			w.note("%s finds another epoch", k.name)
			k.step = idle
			w.join(&k.worker, &w.keeping, &w.kept)
			return true
		}
	case readCases:
		w.readCases(k)
	case writeCases:
		ok = w.writeCases(k, w.luck())
	case findChains:
		w.findChains(k)
	case markChains, markDaysOfCases, markDaysOfContacts:
		ok = w.publishOutcomes(k)
	case readContacts:
		for e, a := range k.asked {
			if e := entity(e); a.is && e.kind() == contacts {
				k.facts[e.key()] = w.contactsOf(e.key())
			}
		}
	case readReopened:
		w.computeChains(k, w.tables.reopened())
	case writeContacts:
		ok = w.writeContacts(k, w.luck())
	case commitMarks:
		w.commit(&k.worker, &w.keeping, &w.kept, k.partition, k.next)
	}
	w.note("%s: step %d, %v", k.name, k.step, ok)
	if !ok { // the outcome is unknown: all again
		k.step = lookUpEpoch
		k.stale, k.reopened = staleness{}, [entities]span{}
		return true
	}
	w.nextStep(k)
	return true
}

func (w *world) publishOutcomes(k *keeper) bool {
	s := k.stale
	switch k.step {
	case markChains:
		s.days = [int(kinds) * days]bool{}
	case markDaysOfCases:
		s.entities = [allEntities]bool{}
		for d := range s.days {
			s.days[d] = s.days[d] && kind(d/days) == milestones
		}
	case markDaysOfContacts:
		s.entities = [allEntities]bool{}
		for d := range s.days {
			s.days[d] = s.days[d] && kind(d/days) == contacts
		}
	}
	return w.publish(k.name, &s)
}

func (w *world) readCases(k *keeper) {
	for e, a := range k.asked {
		e := entity(e)
		if !a.is || e.kind() != milestones {
			continue
		}
		facts := w.milestonesOf(e.key())
		row := caseRow(facts, k.window)
		k.cases[e.key()] = row
		if w.rules.OnlyPresentDay && row.day >= 0 {
			k.stale.days[day(int(milestones)*days+int(row.day))] = true
		}
		for i := range facts {
			f := &facts[i]
			hour := uint8(f.Hour.Sub(origin) / time.Hour)
			unknown := f.Superseded || f.Retracted || a.covers(hour) && !w.rules.ForgetMarkedHours
			if (unknown || f.Milestone == milestone(isRequested)) && !w.rules.OnlyPresentDay {
				k.stale.days[dayOf(milestones, hour)] = true
			}
			if unknown || f.Milestone == milestone(isReopened) {
				k.reopened[e.key()].join(int16(hour)*60-k.window, int16(hour)*60+59)
			}
		}
	}
}

// version of the row of an entity.
func (w *world) outcomeVersion(k *keeper, e entity) stored {
	return stored{version: w.rules.OutcomeVersion(k.epoch, int64(k.asked[e].offset), Moment{w.now + maxSkew, k.skew})}
}

func (w *world) writeCases(k *keeper, l luck) bool {
	n := w.share(l, entities)
	for c := range n {
		if row := k.cases[c]; row.present {
			row.version = w.outcomeVersion(k, entityOf(milestones, uint8(c))).version
			w.putOutcome(&w.cases[c], row)
			w.note("%s writes case %d under %v", k.name, c, row.version)
		}
	}
	return l == good
}

// findChains finds the chains that reopened cases may make fail.
func (w *world) findChains(k *keeper) {
	if w.rules.NoChainsOfCases {
		return
	}
	for c, s := range k.reopened {
		for chain, has := range w.chainsOf[c+1] {
			if has && s.set {
				e := entityOf(contacts, uint8(chain))
				k.stale.entities[e] = true
				k.stale.spans[e].join(s.from, s.to)
			}
		}
	}
}

func (w *world) computeChains(k *keeper, reopened [entities + 1][]time.Time) {
	k.rows = map[int]outcome{}
	for e, a := range k.asked {
		e := entity(e)
		if !a.is || e.kind() != contacts {
			continue
		}
		rows := chainOf(k.facts[e.key()], &reopened, k.window)
		first, end := 0, len(rows)
		if !a.always {
			from, to := at(a.span.from), at(a.span.to).Add(time.Minute-time.Microsecond)
			first, end = outcomes.Affected(rows, from, to)
			if w.rules.OnlyMarkedContacts {
				for first < end && rows[first].OccurredAt.Before(from) {
					first++
				}
				for end > first && rows[end-1].OccurredAt.After(to) {
					end--
				}
			}
		}
		for i := first; i < end; i++ {
			k.rows[cellOf(&rows[i])] = contactRow(&rows[i])
			k.stale.days[dayOf(contacts, uint8(rows[i].Hour.Sub(origin)/time.Hour))] = true
		}
	}
}

func (w *world) writeContacts(k *keeper, l luck) bool {
	n := w.share(l, cells)
	for cell := range n {
		if row, ok := k.rows[cell]; ok {
			row.version = w.outcomeVersion(k, entityOf(contacts, keyOf(cell).entity)).version
			w.putOutcome(&w.outcomes[cell], row)
			w.note("%s writes contact %+v under %v", k.name, keyOf(cell), row.version)
		}
	}
	return l == good
}

// crashKeeper ends a keeper in the middle of its step.
func (w *world) crashKeeper(k *keeper) {
	switch k.step {
	case writeCases:
		w.writeCases(k, partial)
	case writeContacts:
		w.writeContacts(k, partial)
	}
	w.note("%s crashes", k.name)
	*k = keeper{worker: k.anew()}
	w.rebalance(&w.keeping)
}
