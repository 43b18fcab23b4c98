package kafkatest

import "syscall"

// attributes give the broker a process group of its own, and have it killed when the test binary dies.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
