package explorer

// stages are what a sweeper awaits, one after the other: outcomes twice, since a reopened case marks chains on the topic that it was marked on.
func (w *world) stages(job int) []int {
	s := []int{0, 1, 1, 2}
	if w.rules.AwaitOutcomesOnce {
		s = []int{0, 1, 2}
	}
	if job != jobDays {
		s = s[:len(s)-1]
	}
	return s
}

func (w *world) ends(k *sweeper) {
	stages := w.stages(k.job)
	if k.stage >= len(stages) {
		return
	}
	for p := range partitions {
		k.ends[p] = w.length(stages[k.stage], p)
	}
}

func (w *world) length(stage, p int) int {
	return [...]int{len(w.log[p]), len(w.stale[p]), len(w.marks[p])}[stage]
}

// reached says whether the stage that is awaited has committed what was there when its wait began, and whether it was the last.
func (w *world) reached(k *sweeper) (done, all bool) {
	stages := w.stages(k.job)
	if k.stage < 0 {
		return true, false
	}
	if k.stage >= len(stages) {
		return true, true
	}
	g := [...]*group{&w.readers, &w.keeping, &w.rolling}[stages[k.stage]]
	for p := range partitions {
		if g.committed[p] < k.ends[p] {
			return false, false
		}
	}
	return true, false
}
