// Package explorer runs the protocol of facts, marks and rollups through very many random schedules of a small model: workers that
// crash, pause and come back as zombies, over a log with consumer groups and a table that keeps the highest version.
// After each schedule comes to rest, every rollup must equal the batch of the events.
//
// A schedule is made from its seed alone, so that one that fails can be run again. The rules that hold the promise up can be
// broken one by one; each of these controls must be found out, or the model would prove nothing.
package explorer
