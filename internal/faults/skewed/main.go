//go:build linux && amd64

// Command skewed is rapport on a machine whose clock is off by RAPPORT_TEST_CLOCK, a duration. Every reading of the wall clock is, that of
// libraries and of the runtime too; waiting and timeouts, which rest on another clock, are not.
package main

import (
	"fmt"
	"os"
	"time"
	_ "unsafe" // for linkname

	"github.com/rapport-project/rapport/internal/cli"
)

// clock is where the runtime finds the kernel's function that reads clocks.
//
//go:linkname clock runtime.vdsoClockgettimeSym
var clock uintptr

// What skewed, in assembly, works with: the seconds that it adds, the function in whose place it is, and its own address.
var (
	offset        int64   //nolint:unused // assembly reads it
	real, skewing uintptr //nolint:unused // assembly reads and sets them
)

func main() {
	skew, err := time.ParseDuration(os.Getenv("RAPPORT_TEST_CLOCK"))
	if err != nil || clock == 0 {
		fmt.Fprintln(os.Stderr, "the clock cannot be skewed:", err, clock)
		os.Exit(2)
	}
	offset = int64(skew / time.Second)
	real, clock = clock, skewing
	os.Exit(cli.Main(os.Args[1:], cli.Options{Version: "skewed"}))
}
