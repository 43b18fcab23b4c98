package explorer

import (
	"cmp"
	"slices"

	"github.com/rapport-project/rapport/rollups"
)

// kind is a type of events.
type kind uint8

const (
	surveys kind = iota
	contacts
	milestones
	kinds
)

// key of a fact: what makes two deliveries the same event, with the hour and, but for surveys, the chain or case.
type key struct {
	kind             kind
	id, hour, entity uint8
}

// cells is how many keys there are.
const cells = int(kinds) * ids * hours * entities

func (k key) cell() int {
	return ((int(k.kind)*ids+int(k.id))*hours+int(k.hour))*entities + int(k.entity)
}

func keyOf(cell int) key {
	return key{kind(cell / (ids * hours * entities)), uint8(cell / (hours * entities) % ids), uint8(cell / entities % hours), uint8(cell % entities)}
}

// fact is a row of a table of facts; revision 0 is none.
type fact struct {
	revision              uint8
	payload               uint16 // another one for other content
	half                  bool   // the minute is 30, not 0
	what                  uint8  // of a milestone its name, of a contact whether it is resolved
	caseID                uint8  // of a contact; 0 is none
	retracted, superseded bool
}

func (f fact) live() bool { return f.revision > 0 && !f.retracted && !f.superseded }

func (f fact) compare(o fact) int {
	return cmp.Or(cmp.Compare(f.revision, o.revision), cmp.Compare(f.payload, o.payload))
}

// delivery is an event as published.
type delivery struct {
	key
	fact
}

// identity is a delivery as the table of identities keeps it.
type identity struct {
	key
	revision uint8
	payload  uint16
}

// tables are what is stored.
type tables struct {
	facts      [cells]fact
	byEntity   [cells]fact                  // contacts and milestones once more, fed by an insert of facts after these
	identities [int(kinds) * ids][]identity // sets, fed by an insert of facts after these
	chainsOf   [entities + 1][entities]bool // chains of contacts by case, fed likewise
	outcomes   [cells]outcome               // of contacts
	cases      [entities]outcome            // of cases
	rows       [int(kinds) * days]stored    // rollups
}

// outcome is a row of a table of outcomes; its day is where it counts, -1 for none.
type outcome struct {
	stored
	present bool
	day     int8
	source  uint64 // what of the facts is in the row beside what counts
}

// stored is what is kept of a computed row.
type stored struct {
	version rollups.Version
	digest  uint64
}

// insertFact inserts into the first n of the three kinds of tables that one insert feeds, and says whether the fact is new.
func (w *world) insertFact(d delivery, n int) (changed bool) {
	w.changes++
	if n > 0 {
		changed = put(&w.facts[d.cell()], d.fact)
	}
	if n > 1 {
		put(&w.byEntity[d.cell()], d.fact)
	}
	if n > 2 && !d.superseded {
		set := &w.identities[int(d.kind)*ids+int(d.id)]
		if i := (identity{d.key, d.revision, d.payload}); !slices.Contains(*set, i) {
			*set = append(*set, i)
		}
		if d.kind == contacts && d.caseID > 0 {
			w.chainsOf[d.caseID][d.entity] = true
		}
	}
	return changed
}

// put keeps the highest version; of equal ones the last, as the table does.
func put(have *fact, f fact) (changed bool) {
	if f.compare(*have) < 0 {
		return false
	}
	changed = *have != f
	*have = f
	return changed
}

func (w *world) insertFacts(list []delivery, l luck) {
	n := w.share(l, len(list))
	for _, d := range list[:n] {
		w.insertFact(d, 3)
	}
	if n < len(list) && l == partial {
		w.insertFact(list[n], w.rng.IntN(3))
	}
}

func (s *stored) put(n stored) bool {
	if n.version.Compare(s.version) < 0 {
		return false
	}
	*s = n
	return true
}

func (w *world) putOutcome(have *outcome, n outcome) {
	if n.version.Compare(have.version) >= 0 || !have.present {
		*have = n
		w.changes++
	}
}

// day is a day of a family: that of surveys is computed from facts, those of contacts and cases from outcomes.
type day uint8

func dayOf(family kind, hour uint8) day { return day(int(family)*days + int(hour)/hoursOfDay) }

// mix makes numbers that add up to something else for every set of them.
func mix(parts ...uint64) uint64 {
	h := uint64(1469598103934665603)
	for _, p := range parts {
		h = (h ^ p) * 0x9E3779B97F4A7C15
		h ^= h >> 29
	}
	return h
}

// digest is what the rollup of a day holds, order aside.
func (t *tables) digest(d day) (sum uint64) {
	switch family, of := kind(int(d)/days), int(d)%days; family {
	case surveys:
		for id := range ids {
			for hour := of * hoursOfDay; hour < (of+1)*hoursOfDay; hour++ {
				if f := t.facts[(key{surveys, uint8(id), uint8(hour), 0}).cell()]; f.live() {
					sum += mix(uint64(id), uint64(f.payload))
				}
			}
		}
	case contacts:
		for i := range t.outcomes {
			if o := &t.outcomes[i]; o.present && int(o.day) == of {
				sum += mix(uint64(i), o.digest)
			}
		}
	default:
		for i := range t.cases {
			if o := &t.cases[i]; o.present && int(o.day) == of {
				sum += mix(uint64(i), o.digest)
			}
		}
	}
	return sum
}

// source is a digest of all rows that a day's rollup is computed from, whether they count or not, and of cases that may have been booked on it: it
// never comes back to what it was.
func (t *tables) source(d day) (sum uint64) {
	family, of := kind(int(d)/days), int(d)%days
	var booked [entities]bool
	for i := range cells {
		k := keyOf(i)
		if k.kind != family || int(k.hour)/hoursOfDay != of {
			continue
		}
		switch f, o := t.facts[i], &t.outcomes[i]; {
		case family == milestones:
			booked[k.entity] = booked[k.entity] || f.revision > 0
		case family == surveys && f.revision > 0:
			sum += mix(uint64(i), uint64(f.revision), uint64(f.payload), yes(f.superseded))
		case o.present:
			sum += mix(uint64(i), o.version.Epoch, o.version.Mark)
		}
	}
	for i, is := range booked {
		if is {
			sum += mix(uint64(i), t.cases[i].version.Epoch, t.cases[i].version.Mark)
		}
	}
	return sum
}

// sourceOf is source of an entity: of a chain with the milestones of its cases.
func (t *tables) sourceOf(e entity) (sum uint64) {
	var linked [entities]bool
	for i := range cells {
		k, f := keyOf(i), t.byEntity[i]
		if f.revision > 0 && k.kind == e.kind() && k.entity == e.key() {
			sum += mix(uint64(i), uint64(f.revision), uint64(f.payload), yes(f.superseded))
			if k.kind == contacts && f.caseID > 0 {
				linked[f.caseID-1] = true
			}
		}
	}
	for c, is := range linked {
		if is {
			sum += t.sourceOf(entityOf(milestones, uint8(c)))
		}
	}
	return sum
}

// inUse says whether a day has something in its source, or a rollup.
func (t *tables) inUse(d day) bool {
	if t.rows[d] != (stored{}) {
		return true
	}
	family, of := kind(int(d)/days), int(d)%days
	for i := range cells {
		k := keyOf(i)
		if k.kind == family && int(k.hour)/hoursOfDay == of && (t.facts[i].revision > 0 && family != contacts || t.outcomes[i].present) {
			return true
		}
	}
	return false
}
