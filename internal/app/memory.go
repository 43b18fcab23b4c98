package app

import (
	"math"
	"os"
	"runtime/debug"
)

// limitMemory keeps the process's memory under the limit where it can. Batches come and go by the tens of megabytes, and the heap would else grow to twice what
// is in use at the worst moment before anything is collected.
func (c Config) limitMemory() {
	if os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	limit := c.MemoryLimit
	if limit == 0 {
		limit = math.MaxInt64
	}
	debug.SetMemoryLimit(limit)
}
