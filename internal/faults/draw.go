package faults

import (
	"flag"
	"fmt"
	"hash/fnv"

	"github.com/rapport-project/rapport/internal/generator"
)

// seedFlag repeats what chance decided in an earlier run.
var seedFlag = flag.Uint64("seed", 0, "seed of events, orders and moments of the trials; 0 is any")

// fullFlag has every point of every fault struck; without it a part is, drawn from the seed, as long as CI can wait.
var fullFlag = flag.Bool("full", false, "strike at every point of every fault")

// partly says whether a trial is to take a part of its points.
func partly() bool { return !*fullFlag }

// shareFlag is how many of the trials are run, drawn from the seed, so that CI comes to all of them in time.
var shareFlag = flag.Float64("share", 0.25, "share of the trials to run, 0 to 1; half of it on a real Kafka, which takes longer")

// drawn says whether a trial is one of those that the seed draws. One that is asked for by name is.
func drawn(name string, seed uint64, on On) bool {
	share := *shareFlag
	if on.Real {
		share /= 2
	}
	if named := flag.Lookup("test.run"); *fullFlag || named != nil && named.Value.String() != "" {
		return true
	}
	h := fnv.New64a()
	_, _ = fmt.Fprint(h, seed, name) // a hash takes everything
	return generator.NewRand(h.Sum64()).Float64() < share
}
