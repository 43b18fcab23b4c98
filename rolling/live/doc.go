// Package live keeps sums of the survey facts of busy hours in memory, minute by minute, equal to what the store holds, so that a figure of a window that
// rolls costs what is new and not what there is.
//
// A store of millions of facts an hour cannot be read again for each new one, and the order of its rows (hour, source, id) gives no cheap way to a minute. What
// it does give is the number of the insert that a row came with, which merges keep (_block_number). So an hour is read once, and then only rows of later
// inserts: a fact whose key is not known yet is added; one that is known, with the same content, is a repetition and changes nothing; one with other content
// (a correction, a retraction, what the sweeper supersedes) makes the hour be read anew. What takes rows away (a mutation, as erasure runs; a dropped partition)
// makes all be read anew.
//
// Why that is exact: let X be the last insert seen. Of an hour that is read with FINAL, rows of inserts after X are left out, and their keys. A key whose row
// in force came by X is in the sums with it. Any other key that has rows in force has them from inserts after X, and each of them is read later on, whatever is
// merged meanwhile: a merge leaves the row with the highest version, whose number is then above X. So each key is added once, and a key that is known
// with other content is noticed, as its row is one of a later insert. Keys are told apart by 48 bits of a hash and their contents by 23; two keys taken for
// one only make an hour be read anew, unless their contents agree as well.
package live
