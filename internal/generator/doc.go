// Package generator simulates the apps that publish survey events: a company with regions, products, agents of differing
// quality and customers of differing mood, who answer, correct and take back. The same seed gives the same bytes. What
// the network does to a stream (duplicates, disorder, lateness, bad records) is apart, in pure functions over events.
package generator
