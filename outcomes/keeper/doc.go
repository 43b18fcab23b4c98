// Package keeper keeps the stored outcomes equal to what the facts give: it answers marks of stale chains, cases and complaints by reading all their
// facts in bulk, applying the functions of package outcomes, and writing the rows that changed under a version that orders racing writers.
// It then marks the days whose rollups that changes. A sweeper finds what no mark told of.
package keeper
