package faults

import "testing"

// TestDuplicatesInRandomOrder is the trial without a fault of any engine: what the others are measured against.
func TestDuplicatesInRandomOrder(t *testing.T) {
	x := Begin(t, Plan{Fault: "events sent twice, in random order, weeks late; an id with several contents", Binary: rapport, Poison: 1, Always: true})
	x.Injected()
	x.Finish()
}
