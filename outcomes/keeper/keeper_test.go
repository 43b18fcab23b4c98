package keeper

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/schemas"
)

const contactColumns = "SELECT id, is_first, episode, later, toString(fcr), toString(fcr_reason), toString(excluded), next_micros IS NULL AS last, live FROM rapport_store.contact_outcomes FINAL ORDER BY occurred_at, id"

func permutations(n int) [][]int {
	if n == 0 {
		return [][]int{nil}
	}
	var all [][]int
	for _, p := range permutations(n - 1) {
		for i := range n {
			all = append(all, append(append(append([]int{}, p[:i]...), n-1), p[i:]...))
		}
	}
	return all
}

// Worked example 7 of the metric catalogue: whatever the order of arrival, each event twice, with outcomes computed after every one.
func TestWorkedExample7InEveryOrder(t *testing.T) {
	r := newRig(t)
	want := []string{
		"('monday',true,2,true,'no','repeat_contact','',0,true)",
		"('thursday',false,0,false,'','','',0,true)",
		"('next-month',true,1,false,'yes','','',1,true)",
	}
	for _, order := range permutations(3) {
		if err := r.conn.Exec(t.Context(), "TRUNCATE TABLE rapport_store.contact_facts"); err != nil {
			t.Fatal(err)
		}
		for _, table := range []string{"contacts_by_chain", "contact_outcomes", "identities"} {
			if err := r.conn.Exec(t.Context(), "TRUNCATE TABLE rapport_store."+table); err != nil {
				t.Fatal(err)
			}
		}
		events := []*schemas.Event{
			contact(t, "monday", "2026-03-02T09:00:00Z"), contact(t, "thursday", "2026-03-05T10:00:00Z"), contact(t, "next-month", "2026-04-02T09:00:00Z"),
		}
		for range 2 {
			for _, i := range order {
				r.write(events[i])
				r.settle()
			}
		}
		if diff := cmp.Diff(want, r.table(contactColumns)); diff != "" {
			t.Fatalf("order %v (-want +got):\n%s", order, diff)
		}
	}
}

func TestStories(t *testing.T) {
	no := false
	unresolved := func(c *schemas.Contact) { c.Resolved = &no }
	withCase := func(id string) func(*schemas.Contact) { return func(c *schemas.Contact) { c.CaseID = id } }
	for name, story := range map[string]struct {
		events []*schemas.Event
		want   []string
	}{
		"a reopening of the case makes the first contact fail": {
			[]*schemas.Event{contact(t, "a", "2026-03-02T09:00:00Z", withCase("k")), milestone(t, "m", "2026-03-04T09:00:00Z", "k", "reopened")},
			[]string{"('a',true,1,false,'no','reopened','',1,true)"},
		},
		"a reopening exactly a window later still does, one after that does not": {
			[]*schemas.Event{
				contact(t, "a", "2026-03-02T09:00:00Z", withCase("k")), milestone(t, "m", "2026-03-09T09:00:00Z", "k", "reopened"),
				contact(t, "b", "2026-05-02T09:00:00Z", withCase("k2")), milestone(t, "n", "2026-05-09T09:00:01Z", "k2", "reopened"),
			},
			[]string{"('a',true,1,false,'no','reopened','',0,true)", "('b',true,1,false,'yes','','',1,true)"},
		},
		"coming back on a new ticket is coming back": {
			[]*schemas.Event{contact(t, "a", "2026-03-02T09:00:00Z", withCase("k1")), contact(t, "b", "2026-03-08T09:00:00Z", withCase("k2"))},
			[]string{"('a',true,2,true,'no','repeat_contact','',0,true)", "('b',false,0,false,'','','',1,true)"},
		},
		"a gap of exactly the window is a repeat": {
			[]*schemas.Event{contact(t, "a", "2026-03-02T09:00:00Z"), contact(t, "b", "2026-03-09T09:00:00Z"), contact(t, "c", "2026-03-16T09:00:01Z")},
			[]string{"('a',true,2,true,'no','repeat_contact','',0,true)", "('b',false,0,false,'','','',0,true)", "('c',true,1,false,'yes','','',1,true)"},
		},
		"ties of time are ordered by id": {
			[]*schemas.Event{contact(t, "b", "2026-03-02T09:00:00Z"), contact(t, "a", "2026-03-02T09:00:00Z")},
			[]string{"('a',true,2,true,'no','repeat_contact','',0,true)", "('b',false,0,false,'','','',1,true)"},
		},
		"not resolved goes before coming back": {
			[]*schemas.Event{contact(t, "a", "2026-03-02T09:00:00Z", unresolved), contact(t, "b", "2026-03-03T09:00:00Z")},
			[]string{"('a',true,2,true,'no','not_resolved','',0,true)", "('b',false,0,false,'','','',1,true)"},
		},
		"what is left out says why": {
			[]*schemas.Event{
				contact(t, "a", "2026-03-02T09:00:00Z", func(c *schemas.Contact) { c.Resolved = nil }),
				contact(t, "b", "2026-03-02T10:00:00Z", func(c *schemas.Contact) { c.Answered = false }),
				contact(t, "c", "2026-03-02T11:00:00Z", func(c *schemas.Contact) { c.Direction = "outbound" }),
			},
			[]string{"('a',true,1,false,'','','resolved_unknown',1,true)", "('b',false,0,false,'','','abandoned',1,true)", "('c',false,0,false,'','','outbound',1,true)"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			rng := rand.New(rand.NewPCG(1, 2))
			for _, i := range rng.Perm(2 * len(story.events)) {
				r.write(story.events[i%len(story.events)])
				r.settle()
			}
			if diff := cmp.Diff(story.want, r.table(contactColumns)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A contact that comes last but happened first, two months back, moves what it must and marks the days that this changes.
func TestLateContact(t *testing.T) {
	r := newRig(t)
	r.write(contact(t, "b", "2026-03-05T10:00:00Z"), contact(t, "c", "2026-05-05T10:00:00Z"))
	r.settle()
	clear(r.days)
	r.write(contact(t, "a", "2026-03-02T09:00:00Z"))
	r.settle()
	want := []string{
		"('a',true,2,true,'no','repeat_contact','',0,true)", "('b',false,0,false,'','','',0,true)", "('c',true,1,false,'yes','','',1,true)",
	}
	if diff := cmp.Diff(want, r.table(contactColumns)); diff != "" {
		t.Error(diff)
	}
	days := map[string]bool{}
	for _, d := range []string{"2026-03-02", "2026-03-05"} {
		days[fmt.Sprintf(`{"tenant":"t","day":"%s","family":"contacts"}`, d)] = true
	}
	if diff := cmp.Diff(days, r.days); diff != "" {
		t.Errorf("marked days (-want +got):\n%s", diff)
	}
}

func TestRetraction(t *testing.T) {
	r := newRig(t)
	r.write(contact(t, "a", "2026-03-02T09:00:00Z"), contact(t, "b", "2026-03-05T10:00:00Z"))
	r.settle()
	back := contact(t, "b", "2026-03-05T10:00:00Z")
	back.Revision, back.Retracted = 1, true
	r.write(back)
	r.settle()
	want := []string{"('a',true,1,false,'yes','','',1,true)", "('b',false,0,false,'','','',1,false)"}
	if diff := cmp.Diff(want, r.table(contactColumns)); diff != "" {
		t.Error(diff)
	}
}

// A worker that read its marks long ago and writes late loses, in whatever order the writes come.
func TestLateWriterLoses(t *testing.T) {
	r := newRig(t)
	r.write(contact(t, "a", "2026-03-02T09:00:00Z"))
	old := r.entities
	batch := r.computed(schemas.ChainOfContacts, old)
	r.write(contact(t, "b", "2026-03-05T10:00:00Z"))
	r.settle()
	if err := r.sink.Write(t.Context(), batch.rows); err != nil {
		t.Fatal(err)
	}
	want := []string{"('a',true,2,true,'no','repeat_contact','',0,true)", "('b',false,0,false,'','','',1,true)"}
	if diff := cmp.Diff(want, r.table(contactColumns)); diff != "" {
		t.Error(diff)
	}
}

func TestSweeperFindsCountsAndHeals(t *testing.T) {
	r := newRig(t)
	r.write(contact(t, "a", "2026-03-02T09:00:00Z"), contact(t, "b", "2026-06-05T10:00:00Z"), milestone(t, "m", "2026-03-02T09:00:00Z", "k", "requested"))
	r.settle()
	var reports []string
	s := NewSweeper(SweeperOptions{
		Keeper: r.keeper, Await: func(context.Context) (bool, error) { r.settle(); return true, nil },
		Mismatch: func(_ context.Context, d schemas.Day, table, detail string) error {
			reports = append(reports, table+" "+d.Date+" "+detail)
			return nil
		},
	})
	if err := s.Round(t.Context()); err != nil || len(reports) > 0 || len(r.entities) > 0 {
		t.Fatal("a round over what is right:", err, reports, r.entities)
	}
	for _, sql := range []string{
		"ALTER TABLE rapport_store.contact_outcomes UPDATE fcr = 'no' WHERE id = 'a' SETTINGS mutations_sync = 1",
		"ALTER TABLE rapport_store.case_outcomes DELETE WHERE case_id = 'k' SETTINGS mutations_sync = 1",
	} {
		if err := r.conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{`case_outcomes 2026-03-02 differs: case "k"`, `contact_outcomes 2026-03-02 differs: chain "customer=c&issue=pump"`}, reports); diff != "" {
		t.Error(diff)
	}
	r.settle()
	reports = nil
	if err := s.Round(t.Context()); err != nil || len(reports) > 0 {
		t.Error("after it was healed:", err, reports)
	}
}
