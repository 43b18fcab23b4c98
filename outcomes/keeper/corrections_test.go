package keeper

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/schemas"
)

const liveSubjects = "SELECT customer_id, toString(issue), complaint_id FROM rapport_store.complaint_subjects FINAL WHERE live ORDER BY ALL"

func complaint(t testing.TB, id, when, customer string, payload uint64) *schemas.Event {
	e := event(t, schemas.TypeComplaint, id, when, &schemas.Complaint{ComplaintID: "x-" + id, Phase: "opened", CustomerID: customer, Issue: "pump"})
	e.Payload = payload
	return e
}

// A milestone that says something else after a revision takes back what it did: the failure of a contact, and the day of its case.
func TestCorrectedMilestone(t *testing.T) {
	r := newRig(t)
	withCase := func(c *schemas.Contact) { c.CaseID = "k" }
	r.write(contact(t, "a", "2026-03-02T09:00:00Z", withCase), milestone(t, "m", "2026-03-04T09:00:00Z", "k", "reopened"),
		milestone(t, "r", "2026-03-01T09:00:00Z", "k", "requested"))
	r.settle()
	if diff := cmp.Diff([]string{"('a',true,1,false,'no','reopened','',1,true)"}, r.table(contactColumns)); diff != "" {
		t.Fatal(diff)
	}
	clear(r.days)
	for _, id := range []string{"m", "r"} {
		when := map[string]string{"m": "2026-03-04T09:00:00Z", "r": "2026-03-01T09:00:00Z"}[id]
		corrected := milestone(t, id, when, "k", "arrived")
		corrected.Revision = 1
		r.write(corrected)
	}
	r.settle()
	if diff := cmp.Diff([]string{"('a',true,1,false,'yes','','',1,true)"}, r.table(contactColumns)); diff != "" {
		t.Error(diff)
	}
	if day := `{"tenant":"t","day":"2026-03-01","family":"cases"}`; !r.days[day] {
		t.Errorf("the day on which the case was requested is not among those marked: %v", r.days)
	}
}

// A complaint whose opening becomes another phase leaves the day it was booked on.
func TestCorrectedPhase(t *testing.T) {
	r := newRig(t)
	r.write(complaint(t, "a", "2026-03-02T09:00:00Z", "ann", 1))
	r.settle()
	clear(r.days)
	e := complaint(t, "a", "2026-03-02T09:00:00Z", "ann", 1)
	e.Revision, e.Data.(*schemas.Complaint).Phase = 1, "closed"
	r.write(e)
	r.settle()
	if diff := cmp.Diff(map[string]bool{`{"tenant":"t","day":"2026-03-02","family":"complaints"}`: true}, r.days); diff != "" {
		t.Error(diff)
	}
	if rows := r.table(liveSubjects); len(rows) > 0 {
		t.Error(rows)
	}
}

// Deliveries of one complaint event that disagree about the customer leave one subject, and the days of those that the other one made repeats are marked.
func TestComplaintOfAnotherCustomer(t *testing.T) {
	for name, late := range map[string]bool{"in turn": false, "the older one written last": true} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.write(complaint(t, "b", "2026-03-20T09:00:00Z", "ann", 1))
			r.settle()
			r.write(complaint(t, "a", "2026-03-02T09:00:00Z", "ann", 1))
			old := r.computed(schemas.OneComplaint, r.entities)
			if !late {
				r.settle()
			}
			r.write(complaint(t, "a", "2026-03-02T09:00:00Z", "bob", 2))
			clear(r.days)
			r.settle()
			if late {
				clear(r.days)
				if err := r.keeper.finish(t.Context(), old); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff([]string{"('ann','pump','x-b')", "('bob','pump','x-a')"}, r.table(liveSubjects)); diff != "" {
				t.Error(diff)
			}
			if day := `{"tenant":"t","day":"2026-03-20","family":"complaints"}`; !r.days[day] {
				t.Errorf("the day of the complaint that is no repeat any more is not among those marked: %v", r.days)
			}
		})
	}
}

// What a worker left that died right after it wrote late is the sweeper's to find.
func TestSweeperFindsASubjectLeft(t *testing.T) {
	r := newRig(t)
	r.write(complaint(t, "a", "2026-03-02T09:00:00Z", "ann", 1))
	old := r.computed(schemas.OneComplaint, r.entities)
	r.write(complaint(t, "a", "2026-03-02T09:00:00Z", "bob", 2))
	r.settle()
	if err := r.sink.Write(t.Context(), old.rows); err != nil {
		t.Fatal(err)
	}
	var reports []string
	s := NewSweeper(SweeperOptions{
		Keeper: r.keeper, Await: func(context.Context) (bool, error) { r.settle(); return true, nil },
		Mismatch: func(_ context.Context, d schemas.Day, table, detail string) error {
			reports = append(reports, table+" "+d.Date+" "+detail)
			return nil
		},
	})
	for range 2 {
		if err := s.Round(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.settle()
	}
	if diff := cmp.Diff([]string{`complaint_subjects 2026-03-02 differs: complaint "x-a"`}, reports); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"('bob','pump','x-a')"}, r.table(liveSubjects)); diff != "" {
		t.Error(diff)
	}
}
