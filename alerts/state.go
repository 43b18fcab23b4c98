package alerts

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// State is how the alerts of one group and tenant stand after an instant.
type State struct {
	// At is the last instant that was judged; zero before the first.
	At time.Time `json:"at"`
	// Alive are the alerts that are pending or firing, in the order of their keys.
	Alive []Alert `json:"alive"`
	// Ended are those that fired and are over, for as long as they may still be corrected.
	Ended []Alert `json:"ended,omitempty"`

	// stored is the last instant that is in the store: see quiet.
	stored time.Time
}

func (s State) empty() bool { return len(s.Alive) == 0 && len(s.Ended) == 0 }

// quiet says that nothing but the instant has changed since the last state that was stored, so that most tenants cost no write a minute. An evaluator that
// starts anew judges these instants again, to the same end.
func (s State) quiet(was State, told int) bool {
	const longest = 10 * time.Minute
	return told == 0 && s.empty() && was.empty() && !was.stored.IsZero() && s.At.Sub(was.stored) < longest
}

// Alert is one of a state.
type Alert struct {
	Key
	Life
	// AsOf is the instant of the figure that it fired for.
	AsOf time.Time `json:"as_of,omitzero"`
	// EndedAt is when it was over.
	EndedAt time.Time `json:"ended_at,omitzero"`
	// Told is what was told when it fired: its end is told under the same labels, even when the rule is gone.
	Told *Transition `json:"told,omitempty"`
}

// Evaluation is what came of one instant of a group for a tenant. It is stored whole, or not at all.
type Evaluation struct {
	Tenant, Group string
	State         State
	Transitions   []Transition
}

// Store keeps evaluations. Save of an evaluation that was saved before, or of one of an instant before the last, changes nothing that States answers.
type Store interface {
	// States answers the last state of each tenant that the group was judged for.
	States(ctx context.Context, group string) (map[string]State, error)
	// Groups are those whose last state of some tenant has alerts that are alive.
	Groups(ctx context.Context) ([]string, error)
	// Gone says whether a tenant was erased altogether. What is stored of one that was is away then: also what was judged before its facts went and stored after.
	Gone(ctx context.Context, tenant string) (bool, error)
	Save(ctx context.Context, e Evaluation) error
}

func compareKeys(a, b Key) int {
	return cmp.Or(cmp.Compare(a.Alert, b.Alert), cmp.Compare(a.Questionnaire, b.Questionnaire), cmp.Compare(a.Detail, b.Detail),
		cmp.Compare(a.Cut, b.Cut), cmp.Compare(a.CutValue, b.CutValue))
}

// sorted puts a state into an order that is the same for everybody.
func (s *State) sorted() {
	slices.SortFunc(s.Alive, func(a, b Alert) int { return compareKeys(a.Key, b.Key) })
	slices.SortFunc(s.Ended, func(a, b Alert) int {
		return cmp.Or(a.EndedAt.Compare(b.EndedAt), compareKeys(a.Key, b.Key), a.Since.Compare(b.Since))
	})
}
