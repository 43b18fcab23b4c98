// Command clockversion is rapport with one deliberate mistake: a rollup's version is the clock of the worker that writes it,
// and the workers' clocks differ. The tests run it to see that they can tell.
package main

import (
	"math/rand/v2"
	"os"
	"time"

	"github.com/rapport-project/rapport/internal/cli"
	"github.com/rapport-project/rapport/rollups"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], cli.Options{Version: "clock", Versioner: clock}))
}

// clock is up to ten minutes off in either direction, as the clocks of a fleet are.
func clock(epoch uint64, _ int64) rollups.Version {
	skew := time.Duration(rand.Int64N(int64(20*time.Minute))) - 10*time.Minute
	return rollups.Version{Epoch: epoch, Mark: uint64(time.Now().Add(skew).UnixNano())}
}
