package kafka

import (
	"context"
	"errors"
	"testing"
)

// TestGrowth: partitions that came while the group was being joined are told once.
func TestGrowth(t *testing.T) {
	counts, broken := map[string]int{"a": 4, "b": 2}, 1
	g := growth{count: func(context.Context) (map[string]int, error) {
		if broken > 0 {
			broken--
			return nil, errors.New("no broker")
		}
		return map[string]int{"a": counts["a"], "b": counts["b"]}, nil
	}}
	g.look(t.Context()) // before the first join
	for i, step := range []struct {
		b    int
		want bool
	}{{2, false}, {6, true}, {6, false}} {
		counts["b"] = step.b
		if got := g.look(t.Context()); got != step.want {
			t.Errorf("look %d: %t, want %t", i, got, step.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if g.look(ctx) {
		t.Error("grown after the end")
	}
}
