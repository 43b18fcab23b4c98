package live

import "github.com/rapport-project/rapport/rollups/fold"

// Micros of a minute and of an hour.
const (
	minute = int64(60_000_000)
	hour   = 60 * minute
)

// parts of an hour: its first microsecond, then its minutes, each from after a whole minute to the next one included, as windows end there. The last one
// ends with the hour, one microsecond early.
const parts = 61

// busy is an hour that is kept.
type busy struct {
	// base is the first of its slots in the tenant's folder.
	base int
	// keys of its facts; nil where they were let go, so that the next one makes the hour be read anew.
	keys *keySet
	// total is the sum of its parts; nil where it has to be made.
	total *fold.Cells
	// changed and cut are when a fact came last, and when a piece last had an edge in it, by the tenant's count of changes and of questions.
	changed, cut uint64
	// collapsed says that total alone is kept.
	collapsed bool
}

// partOf is the part of its hour that a time is in.
func partOf(micros int64) (h uint32, part int) {
	n := micros / hour
	return uint32(n), int((micros - n*hour + minute - 1) / minute)
}

// reach is from <= time < to of a part.
func reach(h uint32, part int) (from, to int64) {
	from = int64(h) * hour
	switch part {
	case 0:
		return from, from + 1
	case parts - 1:
		return from + (parts-2)*minute + 1, from + hour
	}
	return from + int64(part-1)*minute + 1, from + int64(part)*minute + 1
}
