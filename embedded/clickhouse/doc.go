// Package clickhouse embeds ClickHouse: libchdb in a child process that serves ClickHouse's HTTP interface, so that
// drivers and BI tools use it as they use a server, and a crash of the engine takes nothing else down.
//
// The parent runs a Supervisor. It opens the listening socket, starts the child with it, restarts a child that crashed and
// stops it cleanly. The child is the same executable: its main, or TestMain, calls IsChild and ChildMain first thing.
// Only one process uses a data directory: the child holds a lock on it for life.
package clickhouse
