//go:build !linux

package clickhouse

import "syscall"

// childAttributes give the child a process group of its own. The library is for Linux, so this only has to compile.
func childAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
