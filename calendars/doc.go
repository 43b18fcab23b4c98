// Package calendars holds business calendars, which are files, and counts the working time between two instants by them.
// It is exact to the nanosecond and additive: the parts of a span add up to the whole, whatever the clocks do within it.
//
// What a local time of a shift means where clocks are moved is one rule: a shift begins, and ends, at the first moment at
// which the clock shows that time or a later one. A time that the clock leaves out is thus the moment of the change, a time
// that it shows twice is the first of the two, and shifts that follow one another on the clock do so in time as well.
package calendars
