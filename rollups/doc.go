// Package rollups keeps the daily figures per cut equal to the facts.
//
// A mark on the stale-days topic says that facts of a tenant's day changed. The Roller gathers marks, recomputes the marked
// days from the facts whole (it replaces, it never adds) and only then commits. A row's version is (epoch, offset of the newest
// mark it answers), so a worker that wakes up late can only write what loses. The Sweeper is the sure way beside that fast one:
// it compares days with their facts, marks what differs, and settles ids that came in under two hours.
package rollups
