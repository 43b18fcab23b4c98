package explorer

import "github.com/rapport-project/rapport/rollups"

// Order is the order of a processor's steps after it fetched a batch.
type Order [3]Step

// Step is one of a processor's steps.
type Step uint8

// The steps of a processor.
const (
	InsertFacts Step = iota
	PublishMarks
	CommitOffsets
)

// Moment is when and where a row is written.
type Moment struct {
	// Now is the true time, in steps of the schedule.
	Now uint64
	// Skew is what the clock of the worker is off by.
	Skew int64
}

// Rules are what the protocol under test does.
type Rules struct {
	// Version of a row that answers a mark at an offset.
	Version func(epoch uint64, offset int64, at Moment) rollups.Version
	// Order of the steps of processors.
	Order Order
	// MarkOnlyChanged leaves out marks for facts that were there already.
	MarkOnlyChanged bool
	// KeepEpoch does not raise the epoch when the marks topic is made anew.
	KeepEpoch bool
	// EpochAfterFetch takes the epoch in force when facts are read, not the one from before the marks were fetched.
	EpochAfterFetch bool
}

// Protocol is what rapport does.
func Protocol() Rules {
	return Rules{
		Version: func(epoch uint64, offset int64, _ Moment) rollups.Version { return rollups.MarkVersion(epoch, offset) },
		Order:   Order{InsertFacts, PublishMarks, CommitOffsets},
	}
}

// Controls are the protocol with one rule broken each.
func Controls() map[string]Rules {
	controls := map[string]Rules{}
	add := func(name string, change func(*Rules)) {
		r := Protocol()
		change(&r)
		controls[name] = r
	}
	add("version is the worker's clock", func(r *Rules) {
		r.Version = func(epoch uint64, _ int64, at Moment) rollups.Version {
			return rollups.Version{Epoch: epoch, Mark: uint64(int64(at.Now) + at.Skew)}
		}
	})
	add("version is a perfect clock at the write", func(r *Rules) {
		r.Version = func(epoch uint64, _ int64, at Moment) rollups.Version {
			return rollups.Version{Epoch: epoch, Mark: at.Now}
		}
	})
	add("offsets are committed before facts are inserted", func(r *Rules) { r.Order = Order{CommitOffsets, InsertFacts, PublishMarks} })
	add("offsets are committed before marks are published", func(r *Rules) { r.Order = Order{InsertFacts, CommitOffsets, PublishMarks} })
	add("marks are published before facts are inserted", func(r *Rules) { r.Order = Order{PublishMarks, InsertFacts, CommitOffsets} })
	add("facts that were there already are not marked", func(r *Rules) { r.MarkOnlyChanged = true })
	add("the epoch stays when the marks topic is made anew", func(r *Rules) { r.KeepEpoch = true })
	add("the epoch is read after the marks were fetched", func(r *Rules) { r.EpochAfterFetch = true })
	return controls
}
