package fold

import "slices"

// Slots says into which stretch of time, from 0, the facts of a tenant fall.
type Slots interface {
	// Of is how it is for one tenant; nil where none of its facts is asked for.
	Of(tenant string) Finder
}

// Finder finds the slot of a fact by its calendar day, days since 1970 in the tenant's zone, and its time, microseconds since 1970 UTC; -1 is of none.
type Finder interface {
	Slot(day int32, micros int64) int
}

// Days are slots by tenant and day, counted from 1970.
type Days map[string]TenantDays

// Of finds the days of a tenant.
func (d Days) Of(tenant string) Finder {
	if t, ok := d[tenant]; ok {
		return t
	}
	return nil
}

// TenantDays are the slots of one tenant's days.
type TenantDays map[int32]int

// Slot is that of a day.
func (d TenantDays) Slot(day int32, _ int64) int {
	if slot, ok := d[day]; ok {
		return slot
	}
	return -1
}

// Bounds are slots of runs of time, whatever the tenant: a time belongs to the slot of the last bound at or before it. At rises; a slot of -1 is of none, and
// so is what lies before all bounds.
type Bounds struct {
	At    []int64 // microseconds since 1970 UTC
	Slots []int
}

// Of is the same for each tenant.
func (b Bounds) Of(string) Finder { return b }

// Slot finds the run of a time.
func (b Bounds) Slot(_ int32, micros int64) int {
	i, found := slices.BinarySearch(b.At, micros)
	if !found {
		i--
	}
	if i < 0 {
		return -1
	}
	return b.Slots[i]
}
