// Package events makes up what the benchmark publishes: survey responses and contacts as the apps of one company would send them, in structured
// mode. Each is a pure function of its number, so that they are the same on every machine, come to the same whoever makes them, and can be made in parallel.
package events
