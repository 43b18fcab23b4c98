package chdb

import (
	"syscall"
	"unsafe"
)

// The engine sets handlers for deadly signals when it starts, and turning that off resets them to the system's default.
// The Go runtime needs its own: SIGSEGV becomes a recoverable panic and SIGURG preempts goroutines. So dispositions are
// read before every call that may touch them and written back after.

// sigaction has the layout the Linux kernel uses on 64-bit machines.
type sigaction struct {
	handler  uintptr
	flags    uint64
	restorer uintptr
	mask     uint64
}

const (
	lastSignal = 64
	maskBytes  = 8
)

// signals holds the disposition of every signal, by number.
type signals [lastSignal + 1]sigaction

func saveSignals() *signals {
	var s signals
	for n := 1; n <= lastSignal; n++ {
		rtSigaction(n, nil, &s[n])
	}
	return &s
}

// restore writes back what differs. SIGKILL and SIGSTOP cannot be changed by anyone and never differ.
func (s *signals) restore() {
	for n := 1; n <= lastSignal; n++ {
		var now sigaction
		rtSigaction(n, nil, &now)
		if now != s[n] {
			rtSigaction(n, &s[n], nil)
		}
	}
}

// rtSigaction ignores the error: it can only be EINVAL for the two signals nobody can change.
func rtSigaction(n int, set, old *sigaction) {
	_, _, _ = syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(n),
		uintptr(unsafe.Pointer(set)), uintptr(unsafe.Pointer(old)), maskBytes, 0, 0)
}
