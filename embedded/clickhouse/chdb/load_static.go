//go:build static

package chdb

import "errors"

// Loading a library takes the system's dynamic loader, and what can call it is no static binary.

var errStatic = errors.New("this is the static binary, which has no embedded ClickHouse: set RAPPORT_CLICKHOUSE_DSN to a ClickHouse server, or take the binary of `make build`")

// Linked tells whether this binary can load the library: nil, or why not.
func Linked() error { return errStatic }

func dlopen(string) (uintptr, error) { return 0, errStatic }

func dlsym(uintptr, string) (uintptr, error) { return 0, errStatic }

func registerFunc(any, uintptr) {}
