// Package oracle recomputes from the events alone what must be stored once the system has come to rest: plain Go over the JSON
// that was sent, read as the metric catalogue says, sharing no code with the processors, the scoring, the outcomes or the SQL. Its
// one loan is the payload hash, because which of two conflicting events wins is defined by that hash.
//
// Compute takes the structured events, in whatever order and however often each comes, with the tenants' settings. Its Result
// has the winner of each identity, counts, the outcomes of contacts, cases and complaints, and the rollups:
//
//	want, err := oracle.Compute(generator.Accepted(events), options)
//	rows, err := oracle.Load(ctx, conn)              // all rollup tables
//	differences := oracle.Compare(rows, want.Rows())
//	outcomes, err := oracle.LoadOutcomes(ctx, conn)  // live rows of all tables of outcomes
//	differences = oracle.CompareOutcomes(outcomes, want.Outcomes())
//
// Report makes differences readable. Nothing depends on the clock, nor on which days or entities were ever marked: a row without cells
// equals one that is not there, and a dead outcome is none, as long as its row says nothing but that it is dead.
package oracle
