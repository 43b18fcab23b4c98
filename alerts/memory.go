package alerts

import (
	"context"
	"maps"
	"slices"
	"sync"
)

// Memory is a Store for a backtest: nothing of it is told to anybody.
type Memory struct {
	mu     sync.Mutex
	states map[string]map[string]State
	// transitions in the order of their instants.
	transitions []Transition
}

// NewMemory returns an empty one.
func NewMemory() *Memory { return &Memory{states: map[string]map[string]State{}} }

// States is Store.States.
func (m *Memory) States(_ context.Context, group string) (map[string]State, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.states[group]), nil
}

// Groups is Store.Groups.
func (m *Memory) Groups(context.Context) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var names []string
	for name, states := range m.states {
		for _, s := range states {
			if len(s.Alive) > 0 && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names, nil
}

// Gone is Store.Gone: of a backtest nobody is erased.
func (m *Memory) Gone(context.Context, string) (bool, error) { return false, nil }

// Save is Store.Save.
func (m *Memory) Save(_ context.Context, e Evaluation) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.states[e.Group] == nil {
		m.states[e.Group] = map[string]State{}
	}
	if !e.State.At.After(m.states[e.Group][e.Tenant].At) {
		return nil
	}
	m.states[e.Group][e.Tenant] = e.State
	m.transitions = append(m.transitions, e.Transitions...)
	return nil
}

// Transitions are all that were saved, in the order in which they were.
func (m *Memory) Transitions() []Transition {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.transitions)
}
