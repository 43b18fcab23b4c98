// Package explorer runs the protocol of facts, marks, outcomes and rollups through very many random schedules of a small model: processors,
// the two stages that answer marks, and sweepers, which crash, pause and come back as zombies, over logs with consumer groups and tables that
// keep the highest version. Inserts, publishes and commits fail before, in the middle of and after their effect. After each schedule comes to
// rest, facts, outcomes and rollups must equal the batch of the events, and no sweeper may have counted a mismatch that nobody planted.
//
// What an outcome comes to and which rows can have changed is asked of package outcomes itself; all else is the protocol written anew:
// package pipeline's order of steps, the keeper's of outcomes, the rollers', the two sweepers' and that of epochs.
//
// Left out: complaints with their subjects, dead letters and late facts, retention, tenants and time zones (a day is two whole hours), the
// raise of an epoch for rows that no mark heals, and sweepers of processes under different settings at once. Logs lose nothing unless a
// schedule says so, and a table shows what was inserted at once.
//
// A schedule is made from its seed alone, so that one that fails can be run again. The rules that hold the promise up can be
// broken one by one; each of these controls must be found out, or the model would prove nothing.
package explorer
