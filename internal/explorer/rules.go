package explorer

import "github.com/rapport-project/rapport/rollups"

// Step is one of a processor's steps after it fetched a batch.
type Step uint8

// The steps of a processor.
const (
	InsertFacts Step = iota
	PublishMarks
	CommitOffsets
)

// Order is the order of a processor's steps.
type Order [3]Step

// Moment is when and where a row is written.
type Moment struct {
	// Now is the true time, in steps of the schedule.
	Now uint64
	// Skew is what the clock of the worker is off by.
	Skew int64
}

// Versioner gives the version of a row that answers a mark at an offset.
type Versioner func(epoch uint64, offset int64, at Moment) rollups.Version

// Rules are what the protocol under test does. Every field beside the versions and the order breaks it where it is true.
type Rules struct {
	// Version of rollups and OutcomeVersion of outcomes.
	Version, OutcomeVersion Versioner
	// Order of the steps of processors.
	Order Order
	// MarkOnlyChanged leaves out marks for facts that were there already.
	MarkOnlyChanged bool
	// KeepEpoch does not raise the epoch when a topic of marks is made anew.
	KeepEpoch bool
	// EpochAfterFetch takes the epoch in force when marks are answered, not the one from before they were fetched.
	EpochAfterFetch bool

	// DaysBeforeOutcomes marks days before the outcomes that change them are written.
	DaysBeforeOutcomes bool
	// OnlyPresentDay marks the day on which a case is booked now, not those on which it may have been.
	OnlyPresentDay bool
	// ForgetMarkedHours takes a fact in the hours that a mark names for what it always was.
	ForgetMarkedHours bool
	// NoChainsOfCases does not mark the chains of a reopened case.
	NoChainsOfCases bool
	// OnlyMarkedContacts writes the outcomes of the contacts in the hours of the mark, not of those around them.
	OnlyMarkedContacts bool
	// SettingsKeepEpoch does not raise the epoch of outcomes when the settings change.
	SettingsKeepEpoch bool

	// NoSweeper leaves out both sweepers.
	NoSweeper bool
	// SettleUnmarked does not mark what the sweeper settled.
	SettleUnmarked bool
	// SettleOnce leaves superseded facts alone that a round before wrote, perhaps in part.
	SettleOnce bool
	// AwaitOutcomesOnce has the sweepers wait for the marks of entities that are out, not for those that their answers publish.
	AwaitOutcomesOnce bool
	// AwaitUnsettled has the sweepers wait without settling first.
	AwaitUnsettled bool
	// SureAtOnce has the sweepers count what differs without waiting for what is pending.
	SureAtOnce bool
	// SureByContent has the sweeper of outcomes count a difference where the facts give what they gave, though they need not be the same.
	SureByContent bool
	// IgnoreEpochs has the sweepers count a difference though an epoch began meanwhile or is not marked yet.
	IgnoreEpochs bool
}

// Protocol is what rapport does.
func Protocol() Rules {
	byMark := func(epoch uint64, offset int64, _ Moment) rollups.Version { return rollups.MarkVersion(epoch, offset) }
	return Rules{Version: byMark, OutcomeVersion: byMark, Order: Order{InsertFacts, PublishMarks, CommitOffsets}}
}

// Controls are the protocol with one rule broken each.
func Controls() map[string]Rules {
	controls := map[string]Rules{}
	add := func(name string, change func(*Rules)) {
		r := Protocol()
		change(&r)
		controls[name] = r
	}
	skewed := func(epoch uint64, _ int64, at Moment) rollups.Version {
		return rollups.Version{Epoch: epoch, Mark: uint64(int64(at.Now) + at.Skew)}
	}
	perfect := func(epoch uint64, _ int64, at Moment) rollups.Version {
		return rollups.Version{Epoch: epoch, Mark: at.Now}
	}
	add("version of rollups is the worker's clock", func(r *Rules) { r.Version = skewed })
	add("version of rollups is a perfect clock at the write", func(r *Rules) { r.Version = perfect })
	add("version of outcomes is the worker's clock", func(r *Rules) { r.OutcomeVersion = skewed })
	add("version of outcomes is a perfect clock at the write", func(r *Rules) { r.OutcomeVersion = perfect })
	add("offsets are committed before facts are inserted", func(r *Rules) { r.Order = Order{CommitOffsets, InsertFacts, PublishMarks} })
	add("offsets are committed before marks are published", func(r *Rules) { r.Order = Order{InsertFacts, CommitOffsets, PublishMarks} })
	add("marks are published before facts are inserted", func(r *Rules) { r.Order = Order{PublishMarks, InsertFacts, CommitOffsets} })
	add("facts that were there already are not marked", func(r *Rules) { r.MarkOnlyChanged = true })
	add("the epoch stays when a topic of marks is made anew", func(r *Rules) { r.KeepEpoch = true })
	add("the epoch is read after the marks were fetched", func(r *Rules) { r.EpochAfterFetch = true })
	add("days are marked before outcomes are written", func(r *Rules) { r.DaysBeforeOutcomes = true })
	add("the day that a case moved from is not marked", func(r *Rules) { r.OnlyPresentDay = true })
	add("a fact is taken for what it always was", func(r *Rules) { r.ForgetMarkedHours = true })
	add("the chains of a reopened case are not marked", func(r *Rules) { r.NoChainsOfCases = true })
	add("the contacts around a changed one are not written", func(r *Rules) { r.OnlyMarkedContacts = true })
	add("the epoch stays when settings change", func(r *Rules) { r.SettingsKeepEpoch = true })
	add("the sweeper is dropped", func(r *Rules) { r.NoSweeper = true })
	add("what was settled is not marked", func(r *Rules) { r.SettleUnmarked = true })
	add("facts superseded in part stay so", func(r *Rules) { r.SettleOnce = true })
	add("marks of chains out of cases are not awaited", func(r *Rules) { r.AwaitOutcomesOnce = true })
	add("what is not settled is not awaited", func(r *Rules) { r.AwaitUnsettled = true })
	add("what is pending is not awaited", func(r *Rules) { r.SureAtOnce = true })
	add("facts that give the same are taken for the same", func(r *Rules) { r.SureByContent = true })
	add("an epoch that began is no excuse", func(r *Rules) { r.IgnoreEpochs = true })
	return controls
}

// Trouble is what only the sweepers can heal; a schedule may have several.
type Trouble uint8

// Kinds of trouble.
const (
	// LostMarks: an operator moves a group on past marks that nobody answered.
	LostMarks Trouble = 1 << iota
	// TwoHours: deliveries of one id name different hours.
	TwoHours
	// KeylessRetraction: an event is taken back by a delivery that does not name its chain or case.
	KeylessRetraction
	// Tampered: a stored figure is changed by hand.
	Tampered
	allTroubles = LostMarks | TwoHours | KeylessRetraction | Tampered
)

// Troubles are the kinds of trouble by name.
func Troubles() map[string]Trouble {
	return map[string]Trouble{
		"an operator loses marks": LostMarks, "one id under two hours": TwoHours,
		"a retraction without keys": KeylessRetraction, "a figure changed by hand": Tampered,
	}
}
