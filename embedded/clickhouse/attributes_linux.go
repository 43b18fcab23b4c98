package clickhouse

import "syscall"

// childAttributes give the child a process group of its own, since Ctrl-C at a terminal is for the parent, which stops the
// child when it has no more use for it; and a signal when the parent dies, should the end of stdin not suffice.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}
