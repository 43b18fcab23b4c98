// Package outcomes says what a chain of contacts, a case or a complaint comes to, given all of its facts. The functions are pure: no clock, no
// store, and the order of the facts does not matter. What becomes true by time alone (provisional, overdue) is left to the reader.
package outcomes

import "time"

// Rules are what outcomes depend on beside the facts.
type Rules struct {
	// Window is within how long a later contact of the chain makes a first one unresolved; a distance of exactly Window is within.
	Window time.Duration
	// ServiceLevel is the longest wait that counts as answered in time.
	ServiceLevel time.Duration
	// Calendar measures working time; nil where the tenant has no calendar.
	Calendar Calendar
}

// Calendar measures working time; *calendars.Calendar is one.
type Calendar interface {
	// Working is the working time in [from, to); 0 where to is not after from.
	Working(from, to time.Time) time.Duration
}
