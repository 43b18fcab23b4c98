// Package erasures takes a customer, or a whole tenant, out of all that is stored: facts, outcomes, figures, dead letters and late facts.
//
// What stays of an event is a hash, by which Known keeps out whatever comes of it again. An erasure is a row of rapport_store.erasures
// that goes through three states, each of which can be repeated:
//
//	seeking: hashes of the events are written        (nothing is gone yet; to go on, the customer's name is needed)
//	taking:  rows go, what they touched is computed again
//	done:    a receipt, and no name
//
// A process that looked before the hashes were there may still store an event afterwards. The Sweeper finds it by its hash and takes it away as the
// erasure did, so that the end is the same whatever the race.
package erasures
