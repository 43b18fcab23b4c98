package explorer

import (
	"fmt"
	"slices"
)

// sweeping is what a sweeper does next: it settles, and then compares the outcomes of chains, those of cases, and the days. Where something
// differs, it settles again, awaits what is pending and looks once more.
type sweeping uint8

const (
	lookForTwoKeys sweeping = iota
	readTwoKeys
	supersede
	markSettled
	look
	readBefore
	await
	lookAgain
	compareAgain
	count
	markDiffering
)

// jobs of a round.
const (
	jobChains = iota
	jobCases
	jobDays
	jobs
)

// sweeper compares what is stored with what it comes from.
type sweeper struct {
	worker
	step, after sweeping // after is what follows settling
	job         int

	// Settling.
	done    [int(kinds) * ids]int // deliveries of the ids that were settled
	seen    [int(kinds) * ids][]identity
	ids     []int
	losers  []delivery
	settled staleness

	// Comparing.
	computed        map[int]uint64 // what the facts give, by entity or day
	differing       []int
	before, last    map[int]uint64 // what the facts are, not what they give
	epochs          [2]epochs
	stage, patience int
	ends            [partitions]int
	sure            bool

	dwelt  bool
	marked bool   // something, in this round
	stamp  uint64 // of the world when this round began
	calm   uint64 // stamp of the last round that found nothing to do
}

func (w *world) stepSweeper(k *sweeper) bool {
	if !w.sweeping {
		return false
	}
	// A sweeper may dwell where it should not be overtaken.
	if (k.step == markSettled || k.step == compareAgain || k.step == await) && !k.dwelt && w.rng.IntN(4) == 0 {
		k.dwelt, k.wakes = true, w.now+uint64(w.rng.IntN(maxBusy))
		return true
	}
	k.dwelt = false
	if k.step <= markSettled {
		if k.step == lookForTwoKeys && k.after == look && k.job == 0 {
			k.stamp, k.marked = w.changes, false
		}
		if w.stepSettle(k) {
			k.step = max(k.after, look)
		}
		return true
	}
	switch k.step {
	case look:
		k.computed = w.compute(k.job)
		k.differing = w.differences(k)
		k.epochs = [2]epochs{w.kept, w.rolled}
		if len(k.differing) == 0 {
			w.endJob(k)
			return true
		}
		w.note("%s finds that %v of job %d differ", k.name, k.differing, k.job)
		k.step = readBefore
	case readBefore:
		k.before = w.sources(k.job)
		k.sure = w.calmEpochs(k)
		k.stage, k.patience = -1, maxPatience
		if k.step, k.after = lookForTwoKeys, await; w.rules.AwaitUnsettled {
			k.step = await
		}
		if w.rules.SureAtOnce {
			k.step = lookAgain
		}
	case await:
		switch done, all := w.reached(k); {
		case all:
			k.step = lookAgain
		case done:
			k.stage++
			w.ends(k)
		default:
			if k.patience--; k.patience == 0 {
				k.step = markDiffering
			}
		}
	case lookAgain:
		k.computed, k.last = w.compute(k.job), w.sources(k.job)
		k.step = compareAgain
	case compareAgain:
		k.differing = w.differences(k)
		k.step = count
	case count:
		if !w.rules.SureByContent {
			k.last = w.sources(k.job)
		}
		w.count(k)
		k.step = markDiffering
	case markDiffering:
		var s staleness
		for _, i := range k.differing {
			if k.job == jobDays {
				s.days[i] = true
			} else {
				s.entities[i] = true
			}
		}
		k.marked = true
		if !w.publish(k.name, &s) {
			w.forget(k)
			return true
		}
		w.endJob(k)
	}
	return true
}

// count counts what differs for sure: the facts are those from before the wait, so all that is to be done for them has been done.
func (w *world) count(k *sweeper) {
	k.sure = k.sure && w.calmEpochs(k)
	for _, i := range k.differing {
		if k.sure && k.before[i] == k.last[i] {
			w.note("%s counts a mismatch: %d of job %d", k.name, i, k.job)
			w.mismatches++
		}
	}
}

func (w *world) endJob(k *sweeper) {
	k.step = look
	if k.job++; k.job == jobs {
		k.job, k.step, k.after = 0, lookForTwoKeys, look
		if !k.marked {
			k.calm = k.stamp
		}
	}
}

// calmEpochs says whether the epochs are those of the first look and all their marks are out.
func (w *world) calmEpochs(k *sweeper) bool {
	if w.rules.IgnoreEpochs {
		return true
	}
	return k.epochs[0].number == w.kept.number && k.epochs[1].number == w.rolled.number && w.kept.marked && w.rolled.marked
}

// compute is what the sources of a job give now, as digests.
func (w *world) compute(job int) map[int]uint64 {
	all := map[int]uint64{}
	switch job {
	case jobChains:
		reopened := w.tables.reopened()
		for chain := range uint8(entities) {
			rows := chainOf(w.contactsOf(chain), &reopened, w.window)
			var sum uint64
			for i := range rows {
				row := contactRow(&rows[i])
				sum += mix(uint64(cellOf(&rows[i])), row.digest, row.source, uint64(row.day+1))
			}
			all[int(entityOf(contacts, chain))] = sum
		}
	case jobCases:
		for c := range uint8(entities) {
			if row := caseRow(w.milestonesOf(c), w.window); row.present {
				all[int(entityOf(milestones, c))] = mix(row.digest, uint64(row.day+1))
			}
		}
	default:
		for d := range len(w.rows) {
			all[d] = w.digest(day(d))
		}
	}
	return all
}

// sources are digests of all that entities or days are computed from, whether it counts or not.
func (w *world) sources(job int) map[int]uint64 {
	if w.rules.SureByContent && job != jobDays {
		return w.compute(job)
	}
	all := map[int]uint64{}
	if job == jobDays {
		for d := range len(w.rows) {
			all[d] = w.source(day(d))
		}
		return all
	}
	for e := range entity(allEntities) {
		all[int(e)] = w.sourceOf(e)
	}
	return all
}

// differences are the entities or days that are not stored as computed.
func (w *world) differences(k *sweeper) (found []int) {
	have := map[int]uint64{}
	switch k.job {
	case jobChains:
		for i := range w.outcomes {
			if o := &w.outcomes[i]; o.present {
				have[int(entityOf(contacts, keyOf(i).entity))] += mix(uint64(i), o.digest, o.source, uint64(o.day+1))
			}
		}
	case jobCases:
		for c := range w.cases {
			if o := &w.cases[c]; o.present {
				have[int(entityOf(milestones, uint8(c)))] = mix(o.digest, uint64(o.day+1))
			}
		}
	default:
		for d := range w.rows {
			have[d] = w.rows[d].digest
		}
	}
	for i, want := range k.computed {
		if have[i] != want {
			found = append(found, i)
		}
	}
	slices.Sort(found)
	return found
}

// crashSweeper ends a sweeper in the middle of its step; the next one knows nothing of what it settled.
func (w *world) crashSweeper(k *sweeper) {
	if k.step == supersede {
		w.insertFacts(k.losers, partial)
	}
	w.note("%s crashes", k.name)
	*k = sweeper{worker: k.anew()}
}

func (k *sweeper) String() string { return fmt.Sprint(k.name, " at ", k.step) }
