// Package api is the HTTP way out: the catalogue of metrics, figures of windows that roll and of series, explanations of figures and the alerts, for programs
// that do not speak SQL. One table of routes and parameters is what requests are read by, what OpenAPI is generated from, and what docs/api.md shows. The
// tenant is that of the credential; what a caller writes reaches ClickHouse as parameters of a query, never as part of its text.
package api
