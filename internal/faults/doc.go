// Package faults attacks rapport the way production does, and holds it to its promise afterwards: the real binary, the broker and the
// database are processes of their own, which are killed, stopped and cut off; proxies between them lose requests and answers, refuse and corrupt.
//
// A Trial is one fault: engines of its own, a load of events with duplicates in random order, injections, and then quiet. Each ends with the same
// questions: do outcomes and rollups equal the oracle's to the bit, is every acknowledged event stored and nothing that was not sent, are the
// dead letters the planted poison, does the accounting add up? What it comes to is a line of docs/faults.md.
package faults
