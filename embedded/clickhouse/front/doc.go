// Package front serves the HTTP interface of ClickHouse on top of libchdb, close enough to a server that its drivers and
// BI tools need not know: queries and parameters in the address or the body, inserts with their data, settings for one
// query only, sessions, ClickHouse's own compression and that of HTTP, formats, counters and errors with their codes.
//
// Users and passwords are accepted and ignored: there is one user, and the address is that of this machine.
package front
