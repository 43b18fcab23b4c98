// Package chdb binds the C interface of libchdb, the ClickHouse engine as a shared library, without cgo.
//
// One Library is one engine and one data path for the life of the process. A Conn runs one statement at a time; several
// Conns run in parallel. Every Conn must be closed before the process ends, and Shutdown called after the last.
package chdb
