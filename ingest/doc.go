// Package ingest is the HTTP way in: it validates events as the processors will, publishes those that are good, and tells
// the caller of each one that is not. It answers 202 only once the broker has acknowledged every event it took, and it
// bounds bytes, events and time, so that a slow, huge or broken client harms nobody else.
package ingest
