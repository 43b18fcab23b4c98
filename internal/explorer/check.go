package explorer

import "fmt"

// check compares what is stored with the batch of all events, however they came in.
func (w *world) check(published []delivery) *Violation {
	var batch tables
	for id := range len(batch.identities) {
		var winner *delivery
		for i := range published {
			if d := &published[i]; int(d.kind)*ids+int(d.id) == id && (winner == nil || winner.compare(d.fact) < 0) {
				winner = d
			}
		}
		for i := range published {
			if d := &published[i]; int(d.kind)*ids+int(d.id) == id {
				f := winner.fact
				if d.key != winner.key {
					f = fact{revision: winner.revision, payload: winner.payload, superseded: true}
				}
				batch.facts[d.cell()], batch.byEntity[d.cell()] = f, f
			}
		}
	}
	reopened := batch.reopened()
	for e := range uint8(entities) {
		rows := chainOf(batch.contactsOf(e), &reopened, w.window)
		for i := range rows {
			batch.outcomes[cellOf(&rows[i])] = contactRow(&rows[i])
		}
		batch.cases[e] = caseRow(batch.milestonesOf(e), w.window)
	}
	for i := range cells {
		if want, got := batch.outcomes[i], w.outcomes[i]; want.digest != got.digest || want.present && want.day != got.day {
			return &Violation{What: fmt.Sprintf("the outcome of contact %+v is %x on day %d, the batch of its events %x on day %d", keyOf(i), got.digest, got.day, want.digest, want.day)}
		}
	}
	for c := range batch.cases {
		if want, got := batch.cases[c], w.cases[c]; want.digest != got.digest && want.present || want.present && want.day != got.day {
			return &Violation{What: fmt.Sprintf("the outcome of case %d is %x on day %d, the batch of its events %x on day %d", c, got.digest, got.day, want.digest, want.day)}
		}
	}
	for d := range w.rows {
		if want, got := batch.digest(day(d)), w.rows[d].digest; want != got {
			return &Violation{What: fmt.Sprintf("the rollup of day %d is %x, the batch of its events %x", d, got, want)}
		}
	}
	if w.mismatches > 0 && !w.excused {
		return &Violation{What: fmt.Sprintf("%d mismatches were counted that were none", w.mismatches)}
	}
	return nil
}
