//go:build !linux

package kafkatest

import "syscall"

// attributes give the broker a process group of its own; without Linux's signal it outlives a test binary that is killed.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
