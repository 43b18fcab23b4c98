package keeper

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rapport-project/rapport/schemas"
)

func chainNamed(key string) schemas.Entity {
	return schemas.Entity{Tenant: "t", Kind: schemas.ChainOfContacts, Key: key}
}

func one(key string, offset int64) map[schemas.Entity]stale {
	return map[schemas.Entity]stale{chainNamed(key): {offset: offset, always: true}}
}

// What comes while something is done is done together after it, and marks of a backlog wait for company before.
func TestTogether(t *testing.T) {
	for name, backlog := range map[string]bool{"live": false, "backlog": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var done []string
				g := together{do: func(_ context.Context, entities map[schemas.Entity]stale, of bool) error {
					done = append(done, fmt.Sprint(len(entities), of))
					time.Sleep(time.Hour)
					return nil
				}}
				var all sync.WaitGroup
				for i := range 4 {
					all.Go(func() {
						if err := g.run(t.Context(), one(fmt.Sprint(i), int64(i)), backlog); err != nil {
							t.Error(err)
						}
					})
					synctest.Wait()
				}
				all.Wait()
				want := "[1 false 3 false]"
				if backlog {
					want = "[4 true]"
				}
				if fmt.Sprint(done) != want {
					t.Errorf("done %v, want %s", done, want)
				}
			})
		})
	}
}

// Many entities wait for company too, whatever they are of: they take longer than that.
func TestManyWaitForCompany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var done []int
		g := together{do: func(_ context.Context, entities map[schemas.Entity]stale, _ bool) error {
			done = append(done, len(entities))
			return nil
		}}
		large := map[schemas.Entity]stale{}
		for i := range many {
			large[chainNamed(fmt.Sprint(i))] = stale{always: true}
		}
		var all sync.WaitGroup
		for _, entities := range []map[schemas.Entity]stale{large, one("other", 1)} {
			all.Go(func() {
				if err := g.run(t.Context(), entities, false); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		all.Wait()
		if fmt.Sprint(done) != fmt.Sprint([]int{many + 1}) {
			t.Errorf("done %v, want all at once", done)
		}
	})
}

// A job that nobody wants any more holds nobody up, ends where nobody else wants what runs, and a fault is everybody's.
func TestTogetherEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fault := errors.New("fault")
		ended := 0
		g := together{do: func(ctx context.Context, _ map[schemas.Entity]stale, _ bool) error {
			select {
			case <-ctx.Done():
				ended++
				return ctx.Err()
			case <-time.After(time.Hour):
				return fault
			}
		}}
		first, cancelFirst := context.WithCancel(t.Context())
		errs := make([]error, 2)
		var all sync.WaitGroup
		all.Go(func() { errs[0] = g.run(first, one("a", 1), true) })
		all.Go(func() { errs[1] = g.run(t.Context(), one("b", 1), true) })
		time.Sleep(time.Second)
		cancelFirst()
		all.Wait()
		if !errors.Is(errs[0], context.Canceled) || !errors.Is(errs[1], fault) || ended > 0 {
			t.Errorf("one left: %v, %d cancelled", errs, ended)
		}
		alone, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if err := g.run(alone, one("a", 1), false); !errors.Is(err, context.Canceled) || ended != 1 {
			t.Errorf("alone: %v, %d cancelled", err, ended)
		}
	})
}

func TestJoin(t *testing.T) {
	from := at(t, "2026-03-02T10:00:00Z")
	day := schemas.Span{From: from, To: from.Add(24 * time.Hour)}
	hour := schemas.Span{From: from.Add(-time.Hour), To: from}
	all := map[schemas.Entity]stale{chainNamed("a"): {span: day, offset: 9, epoch: 1}, chainNamed("b"): {always: true, offset: 3, epoch: 1}}
	join(all, map[schemas.Entity]stale{
		chainNamed("a"): {span: hour, offset: 2, epoch: 2}, chainNamed("b"): {span: hour, offset: 2, epoch: 1}, chainNamed("c"): {span: hour, offset: 1, epoch: 1},
	})
	want := map[schemas.Entity]stale{
		chainNamed("a"): {span: schemas.Span{From: hour.From, To: day.To}, offset: 2, epoch: 2},
		chainNamed("b"): {span: hour, always: true, offset: 3, epoch: 1},
		chainNamed("c"): {span: hour, offset: 1, epoch: 1},
	}
	for e, w := range want {
		if all[e] != w {
			t.Errorf("%s: %+v, want %+v", e.Key, all[e], w)
		}
	}
}
