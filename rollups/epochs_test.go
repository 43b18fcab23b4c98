package rollups

import (
	"errors"
	"testing"

	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/tenants"
)

func (r *rig) epoch(tenant string) uint64 {
	r.t.Helper()
	of, err := r.epochs.Of(r.t.Context(), r.ensure(), []string{tenant})
	if err != nil {
		r.t.Fatal(err)
	}
	return of[tenant]
}

func TestEpochs(t *testing.T) {
	r := newRig(t, fakeSettings{})
	// 20:00 UTC is the next day in Kathmandu.
	r.write(response("t", "1", at(t, "2026-05-04T20:00:00Z"), 80), response("u", "1", at(t, "2026-05-04T20:00:00Z"), 80))
	start := r.epoch("t")
	r.roll()
	r.mark(schemas.Day{Tenant: "t", Date: "2026-05-04"}, schemas.Day{Tenant: "u", Date: "2026-05-04"})
	r.noDifference()

	if r.epoch("t") != start || r.topic.marks() != 2 {
		t.Fatalf("nothing changed: epoch %d was %d, %d marks", r.epoch("t"), start, r.topic.marks())
	}

	moved := fakeSettings{"t": tenants.Tenant{Zone: zone(t, "Asia/Kathmandu"), Cuts: [][2]string{{"region", "agent"}}}}
	old := r.epochs
	r.next(moved)
	if _, err := old.Ensure(t.Context()); !errors.Is(err, errOtherSettings) {
		t.Fatalf("a process with the settings before takes them back: %v", err)
	}
	if got := r.epoch("t"); got != start+1 {
		t.Fatalf("epoch %d after the time zone changed, want %d", got, start+1)
	}
	if _, err := old.Of(t.Context(), r.ensure(), []string{"t"}); !errors.Is(err, errOtherSettings) {
		t.Fatalf("a process with the settings before goes on: %v", err)
	}
	r.noDifference()
	rows := r.stored()
	if len(rows[rowKey{SatisfactionDays, "t", "", "2026-05-04"}]) != 0 || len(rows[rowKey{SatisfactionDays, "t", "region,agent", "2026-05-05"}]) != 1 {
		t.Fatal("the response did not move to the day of the new zone, with the new cut")
	}

	r.next(fakeSettings{"t": tenants.Tenant{Zone: zone(t, "Asia/Kathmandu")}})
	r.noDifference()
	if got := r.stored()[rowKey{SatisfactionDays, "t", "region,agent", "2026-05-05"}]; len(got) != 0 {
		t.Fatalf("a cut that is no more: %q", got)
	}

	// The marks topic is made anew: offsets start at 0 and would lose.
	before, common := r.epoch("u"), r.common
	r.topic = newTopic(3)
	r.next(r.settings)
	if got := r.epoch("u"); got != before+1 {
		t.Fatalf("epoch %d after the topic was made anew, want %d", got, before+1)
	}
	if err := r.recomputer.Recompute(t.Context(), common, map[schemas.Day]int64{{Tenant: "u", Date: "2026-05-04"}: 1 << 40}); !errors.Is(err, errEpochOver) {
		t.Fatalf("marks of the topic that is no more are answered: %v", err)
	}
	r.noDifference()

	// More partitions: a day's marks move to one where offsets are low.
	r.topic = newTopic(5)
	r.topic.partitions[0] = r.topic.partitions[0][:0]
	r.next(r.settings)
	if got := r.epoch("u"); got != before+2 {
		t.Fatalf("epoch %d after partitions were added, want %d", got, before+2)
	}
	r.noDifference()
}

// TestSettingsOfViewsReachThem: what no stored figure depends on raises no epoch, and is in the table that views read after a start.
func TestSettingsOfViewsReachThem(t *testing.T) {
	r := newRig(t, fakeSettings{"t": tenants.Tenant{Zone: zone(t, "Asia/Kathmandu"), ComplaintAgeDays: []int{3}, MinN: 5, FCRWindowDays: 7}})
	before := r.epoch("t")
	r.reopen(fakeSettings{"t": tenants.Tenant{Zone: zone(t, "Asia/Kathmandu"), ComplaintAgeDays: []int{3, 9}, MinN: 5, FCRWindowDays: 7, Calendar: "five-days"}})
	if r.epoch("t") != before {
		t.Fatal("the epoch rose")
	}
	r.reopen(r.settings)
	var got string
	if err := r.conn.QueryRow(t.Context(), "SELECT toString((tenant, time_zone, complaint_age_days, min_n, calendar)) FROM rapport_store.tenants FINAL").Scan(&got); err != nil {
		t.Fatal(err)
	}
	if want := "('t','Asia/Kathmandu',[3,9],5,'five-days')"; got != want {
		t.Fatalf("views have %s, want %s", got, want)
	}
	var rows uint64
	if err := r.conn.QueryRow(t.Context(), "SELECT count() FROM rapport_store.tenants").Scan(&rows); err != nil || rows > 2 {
		t.Fatalf("%d rows (%v): written again though nothing changed", rows, err)
	}
}

// next is a new process with other settings, that rolls.
func (r *rig) next(settings fakeSettings) {
	r.t.Helper()
	r.stop()
	r.reopen(settings)
	r.roll()
}

func (r *rig) mark(days ...schemas.Day) {
	r.t.Helper()
	if err := Mark(r.t.Context(), r.topic, days); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) noDifference() {
	r.t.Helper()
	r.settled()
	if found := r.verify(); len(found) > 0 {
		r.t.Fatalf("%d differences, first %v", len(found), found[0])
	}
}

func TestRaiseIsFinishedAfterADeath(t *testing.T) {
	r := newRig(t, fakeSettings{})
	r.write(response("t", "1", at(t, "2026-05-04T20:00:00Z"), 80))
	r.epoch("t")
	// A process died between the new epoch and its marks.
	if err := r.epochs.save(t.Context(), "t", epoch{number: 2, fingerprint: r.epochs.fingerprint("t")}); err != nil {
		t.Fatal(err)
	}
	before := r.topic.marks()
	r.ensure()
	if r.topic.marks() != before+1 || r.epoch("t") != 3 {
		t.Fatalf("%d marks, epoch %d: want the one day marked in epoch 1 + 2", r.topic.marks()-before, r.epoch("t"))
	}
	if r.ensure(); r.topic.marks() != before+1 {
		t.Fatal("marked again")
	}
}
