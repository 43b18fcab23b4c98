package explorer

// span is a stretch of time in minutes, both ends in it; the zero value is none.
type span struct {
	set      bool
	from, to int16
}

func (s *span) join(from, to int16) {
	if !s.set {
		*s = span{true, from, to}
		return
	}
	s.from, s.to = min(s.from, from), max(s.to, to)
}

// entity is a chain or a case.
type entity uint8

const allEntities = 2 * entities

func entityOf(k kind, key uint8) entity { return entity(int(k-contacts)*entities + int(key)) }

func (e entity) kind() kind { return contacts + kind(int(e)/entities) }
func (e entity) key() uint8 { return uint8(int(e) % entities) }

// entityMark calls an entity stale in a stretch of time; without one, at all times.
type entityMark struct {
	entity
	span
}

// staleness is what a worker has to mark.
type staleness struct {
	entities [allEntities]bool
	spans    [allEntities]span
	days     [int(kinds) * days]bool
}

// add notes that a fact changed.
func (s *staleness) add(k key, from, to int16) {
	if k.kind == surveys {
		s.days[dayOf(surveys, k.hour)] = true
		return
	}
	e := entityOf(k.kind, k.entity)
	s.entities[e] = true
	s.spans[e].join(from, to)
}

// publish marks what is stale; false is that it failed, and has to be done again as a whole.
func (w *world) publish(who string, s *staleness) bool {
	l := w.luck()
	n, all := 0, w.share(l, allEntities+len(s.days))
	for e, stale := range s.entities {
		if n++; stale && n <= all {
			w.markEntity(entityMark{entity(e), s.spans[e]})
		}
	}
	for d, stale := range s.days {
		if n++; stale && n <= all {
			w.markDay(day(d))
		}
	}
	w.note("%s publishes marks of entities %v in %v and of days %v (luck %d)", who, s.entities, s.spans, s.days, l)
	return l == good
}

// markEntity appends a mark to the partition of its entity, markDay to that of its day.
func (w *world) markEntity(m entityMark) {
	p := int(m.entity) % partitions
	w.stale[p] = append(w.stale[p], m)
	w.changes++
}

func (w *world) markDay(d day) {
	p := int(d) % partitions
	w.marks[p] = append(w.marks[p], d)
	w.changes++
}

// processor is between steps of a batch.
type processor struct {
	worker
	busy            bool
	done            int // steps of the batch
	partition, next int
	batch           []delivery
	stale           staleness
}

func (w *world) stepProcessor(k *processor) bool {
	if !k.busy {
		p, from, to, ok := w.fetch(&k.worker, &w.readers, nil, func(p int) int { return len(w.log[p]) })
		if !ok {
			return false
		}
		*k = processor{worker: k.worker, busy: true, partition: p, next: to, batch: append(k.batch[:0], w.log[p][from:to]...)}
		for _, d := range k.batch {
			if !w.rules.MarkOnlyChanged {
				k.stale.add(d.key, minutesOf(d.key, d.fact), minutesOf(d.key, d.fact))
			}
		}
		w.note("%s fetches %d to %d of partition %d", k.name, from, to, p)
		return true
	}
	switch w.rules.Order[k.done] {
	case InsertFacts:
		l := w.luck()
		if w.rules.MarkOnlyChanged {
			for _, d := range k.batch {
				if w.facts[d.cell()].compare(d.fact) < 0 {
					k.stale.add(d.key, minutesOf(d.key, d.fact), minutesOf(d.key, d.fact))
				}
			}
		}
		w.insertFacts(k.batch, l)
		w.note("%s inserts %v (luck %d)", k.name, k.batch, l)
		if l != good {
			return true
		}
	case PublishMarks:
		if !w.publish(k.name, &k.stale) {
			return true
		}
	case CommitOffsets:
		w.commit(&k.worker, &w.readers, nil, k.partition, k.next)
	}
	k.done++
	k.busy = k.done < len(w.rules.Order)
	return true
}

// crashProcessor ends a processor in the middle of its step: part of what it was writing may be there.
func (w *world) crashProcessor(k *processor) {
	if k.busy && w.rules.Order[k.done] == InsertFacts {
		w.insertFacts(k.batch, partial)
	}
	w.note("%s crashes", k.name)
	*k = processor{worker: k.anew()}
	w.rebalance(&w.readers)
}
