package generator_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/rapport-project/rapport/internal/generator"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestStreamHoldsItsRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGenerator(t, generator.Config{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute+time.Millisecond)
		defer cancel()
		first, repeated, bad := map[string]bool{}, 0, 0
		err := g.Stream(ctx, generator.Live{Rate: 50, Duplicates: 0.3, Late: 0.1, Bad: 0.05}, func(batch []generator.Event) error {
			for _, e := range batch {
				if e.Refused != "" {
					bad++
					continue
				}
				if e.Time.After(time.Now()) || e.Published.After(time.Now()) {
					t.Errorf("sent before it happened: %s", e.JSON)
				}
				if first[string(e.JSON)] {
					repeated++
				}
				first[string(e.JSON)] = true
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(first) < 3000 || len(first) > 6000 || repeated < 500 || bad < 50 {
			t.Errorf("%d events, %d repeated, %d bad in a minute at 50 stories a second", len(first), repeated, bad)
		}
	})
}

// What is of service has to have happened by the time it is sent, though its story takes weeks.
func TestStreamOfServiceSpeaksOfThePast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGenerator(t, generator.Config{Service: 1})
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		n := 0
		err := g.Stream(ctx, generator.Live{Rate: 10}, func(batch []generator.Event) error {
			for _, e := range batch {
				n++
				if e.Time.After(time.Now()) || e.Published.After(time.Now()) {
					t.Errorf("sent before it happened: %s", e.JSON)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if n < 50 {
			t.Errorf("%d events of 200 stories", n)
		}
	})
}

func TestStreamEndsWhenEmitFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		full := errors.New("full")
		err := newGenerator(t, generator.Config{}).Stream(t.Context(), generator.Live{Rate: 10}, func([]generator.Event) error { return full })
		if !errors.Is(err, full) {
			t.Errorf("got %v", err)
		}
	})
}
