// Package generator simulates the apps that publish events: a company with regions, products, agents of differing quality and
// customers of differing mood, who answer, correct and take back; and beside that contacts, cases and complaints, which follow no
// model of a company but try whatever the contract allows. The same seed gives the same bytes. Events tells responses, and of
// service by the share of Config.Service; ServiceEvents tells of service alone. What the network does to a stream (duplicates, disorder, lateness, bad records) is apart, in pure functions over events.
package generator
