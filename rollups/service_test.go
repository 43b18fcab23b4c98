package rollups

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
)

func TestServiceRowsEqualNaive(t *testing.T) {
	settings := odd(t)
	r := newRig(t, settings)
	c := newCompany(settings, 7)
	for i := range 200 {
		c.addContact(i)
		c.addCase(i)
		c.addComplaint(i)
	}
	c.write(r)
	r.recompute(5, c.days.sorted()...)
	want, got := c.expected(), textOrder(r.stored())
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("rows (-naive +stored):\n%.6000s", diff)
	}
	filled := map[string]int{}
	repeats := 0
	for at, lines := range got {
		filled[at.table] += len(lines)
		for _, line := range lines {
			if at.table == ComplaintDays && at.cut == "" && strings.Split(line, "\x00")[7] != "0" {
				repeats++
			}
		}
	}
	t.Logf("cells by table %v, %d with repeats", filled, repeats)
	if len(filled) != 7 || repeats < 5 {
		t.Fatal("too little to compare")
	}
	if found := r.verify(); len(found) > 0 {
		t.Fatalf("verify: %v", found[0])
	}
	for _, table := range []string{"contact_outcomes", "case_outcomes", "complaint_outcomes", "complaint_subjects", "milestone_facts", "complaint_facts"} {
		r.exec("OPTIMIZE TABLE rapport_store." + table + " FINAL")
	}
	if found := r.verify(); len(found) > 0 {
		t.Fatalf("verify after merges: %v", found[0])
	}
}

func TestTamperedServiceRowsAreHealed(t *testing.T) {
	r := newRig(t, fakeSettings{})
	r.roll()
	c := newCompany(fakeSettings{"t": r.settings.For("t")}, 8)
	for i := range 12 {
		c.addContact(i)
		c.addCase(i)
		c.addComplaint(i)
	}
	c.write(r)
	r.mark(c.days.sorted()...)
	r.noDifference()
	want := r.stored()
	for _, table := range tables() {
		if table.family.Name == schemas.Surveys {
			continue // of which this company has none
		}
		t.Run(table.Name, func(t *testing.T) {
			s := r.sweeper()
			s.days.limit = 1000
			full, err := newTable(table.family, table.Name)
			if err != nil {
				t.Fatal(err)
			}
			column := "`cells." + full.Measures[0] + "`"
			r.exec("ALTER TABLE rapport_store." + table.Name + " UPDATE " + column + " = arrayMap(x -> x + 1, " + column + ") WHERE cut = 'region' SETTINGS mutations_sync = 2")
			if found := r.verify(); len(found) == 0 || found[0].Table != table.Name || found[0].Family != table.family.Name {
				t.Fatalf("verify finds %v", found)
			}
			r.round(s)
			if mismatches(s) == 0 {
				t.Fatal("not counted")
			}
			r.settled()
			if diff := cmp.Diff(want, r.stored()); diff != "" {
				t.Fatalf("not healed:\n%.2000s", diff)
			}
		})
	}
}

// TestACaseThatMovesLeavesItsDay: the row of the day before says so, and a day whose outcomes all died.
func TestACaseThatMovesLeavesItsDay(t *testing.T) {
	r := newRig(t, fakeSettings{})
	first, second := at(t, "2026-05-04T10:00:00Z"), at(t, "2026-05-05T10:00:00Z")
	fact := func(when time.Time, id string) schemas.MilestoneFact {
		return schemas.MilestoneFact{
			Identity: schemas.Identity{Tenant: "t", Hour: when.Truncate(time.Hour), Source: "app", ID: id}, OccurredAt: when, CaseID: "k", Milestone: "requested",
		}
	}
	write := func(mark uint64, requested *time.Time) {
		o := schemas.CaseOutcome{OutcomeVersion: schemas.OutcomeVersion{Epoch: 1, Mark: mark}, Tenant: "t", CaseID: "k", Live: requested != nil, RequestedAt: requested}
		if err := r.sink.Write(t.Context(), sinks.Batch{CaseOutcomes: []schemas.CaseOutcome{o}, Milestones: []schemas.MilestoneFact{fact(first, "1"), fact(second, "2")}}); err != nil {
			t.Fatal(err)
		}
	}
	days := []schemas.Day{{Tenant: "t", Date: "2026-05-04", Family: schemas.Cases}, {Tenant: "t", Date: "2026-05-05", Family: schemas.Cases}}
	cells := func() [2]int {
		rows := r.stored()
		return [2]int{len(rows[rowKey{MilestoneDays, "t", "", "2026-05-04"}]), len(rows[rowKey{MilestoneDays, "t", "", "2026-05-05"}])}
	}
	for i, step := range []struct {
		requested *time.Time
		want      [2]int
	}{{&first, [2]int{1, 0}}, {&second, [2]int{0, 1}}, {nil, [2]int{0, 0}}, {&first, [2]int{1, 0}}} {
		write(uint64(i), step.requested)
		r.recompute(int64(i), days...)
		if got := cells(); got != step.want {
			t.Fatalf("step %d: cells by day %v, want %v", i, got, step.want)
		}
	}
	if found := r.verify(); len(found) > 0 {
		t.Fatalf("verify: %v", found)
	}
}

// TestEpochMarksAllFamilies: a raise makes the days of every family stale.
func TestEpochMarksAllFamilies(t *testing.T) {
	r := newRig(t, fakeSettings{})
	c := newCompany(fakeSettings{"t": r.settings.For("t")}, 9)
	for i := range 20 {
		c.addContact(i)
		c.addCase(i)
		c.addComplaint(i)
	}
	c.write(r)
	r.write(response("t", "1", at(t, "2026-05-04T12:00:00Z"), 80))
	if _, err := r.epochs.Of(t.Context(), r.common, []string{"t"}); err != nil {
		t.Fatal(err)
	}
	if err := r.epochs.Raise(t.Context(), "t"); err != nil {
		t.Fatal(err)
	}
	marked := map[schemas.Family]int{}
	for _, log := range r.topic.partitions {
		for d := range newest(log, nil) {
			marked[d.Family]++
		}
	}
	for _, f := range schemas.Families() {
		if marked[f] == 0 {
			t.Errorf("no day of family %q was marked", f)
		}
	}
	if c.days.add(schemas.Day{Tenant: "t", Date: "2026-05-04"}); len(c.days) < marked[schemas.Contacts] {
		t.Errorf("%v marks for %d days", marked, len(c.days))
	}
}

// TestRepeatsAtTheEdge: exactly 30 days are within, a microsecond more is not, and of two at one instant the later name repeats.
func TestRepeatsAtTheEdge(t *testing.T) {
	const month = 30 * 24 * time.Hour
	start := at(t, "2026-05-04T10:00:00Z")
	for name, test := range map[string]struct {
		second time.Time
		first  string
		want   string
	}{
		"30 days":                {start.Add(month), "a", "1"},
		"a microsecond more":     {start.Add(month + time.Microsecond), "a", "0"},
		"at once, a later name":  {start, "a", "1"},
		"at once, a former name": {start, "z", "0"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, fakeSettings{})
			var b sinks.Batch
			for id, opened := range map[string]time.Time{test.first: start, "k": test.second} {
				attributes := schemas.AttributeColumns{Region: id}
				b.Complaints = append(b.Complaints, schemas.ComplaintFact{
					Identity: schemas.Identity{Tenant: "t", Hour: opened.Truncate(time.Hour), Source: "app", ID: id}, OccurredAt: opened, ComplaintID: id, Phase: "opened",
				})
				b.ComplaintOutcomes = append(b.ComplaintOutcomes, schemas.ComplaintOutcome{
					Tenant: "t", ComplaintID: id, Live: true, CustomerID: "c", Issue: "leak", OpenedAt: &opened, AttributeColumns: attributes,
				})
				b.ComplaintSubjects = append(b.ComplaintSubjects, schemas.ComplaintSubject{Tenant: "t", CustomerID: "c", Issue: "leak", ComplaintID: id, OpenedAt: opened, Live: true})
			}
			if err := r.sink.Write(t.Context(), b); err != nil {
				t.Fatal(err)
			}
			date := test.second.Format(time.DateOnly)
			r.recompute(1, schemas.Day{Tenant: "t", Date: date, Family: schemas.Complaints})
			found := false
			for _, line := range r.stored()[rowKey{ComplaintDays, "t", "region", date}] {
				if cell := strings.Split(line, "\x00"); cell[0] == "k" {
					if found = true; cell[7] != test.want {
						t.Errorf("repeats %s, want %s", cell[7], test.want)
					}
				}
			}
			if !found {
				t.Error("no cell of the complaint")
			}
			var repeat string
			if err := r.conn.QueryRow(t.Context(), "SELECT toString(toUInt8(repeat)) FROM rapport.complaints WHERE complaint_id = 'k'").Scan(&repeat); err != nil || repeat != test.want {
				t.Errorf("the view says %s (%v), want %s", repeat, err, test.want)
			}
		})
	}
}

// TestDigestSeesOtherComplaints: whether a complaint repeats depends on others, so that a change of theirs must not pass for a mismatch.
func TestDigestSeesOtherComplaints(t *testing.T) {
	r := newRig(t, fakeSettings{})
	opened := at(t, "2026-05-04T10:00:00Z")
	day := schemas.Day{Tenant: "t", Date: "2026-05-04", Family: schemas.Complaints}
	fact := schemas.ComplaintFact{Identity: schemas.Identity{Tenant: "t", Hour: opened, Source: "app", ID: "1"}, OccurredAt: opened, ComplaintID: "k", Phase: "opened"}
	outcome := schemas.ComplaintOutcome{Tenant: "t", ComplaintID: "k", Live: true, CustomerID: "c", Issue: "leak", OpenedAt: &opened}
	subject := schemas.ComplaintSubject{Tenant: "t", CustomerID: "c", Issue: "leak", ComplaintID: "k", OpenedAt: opened, Live: true}
	write := func(b sinks.Batch) uint64 {
		if err := r.sink.Write(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		sums, err := r.recomputer.digest(t.Context(), []schemas.Day{day})
		if err != nil || sums[day] == 0 {
			t.Fatalf("digest %v, %v", sums, err)
		}
		return sums[day]
	}
	was := write(sinks.Batch{Complaints: []schemas.ComplaintFact{fact}, ComplaintOutcomes: []schemas.ComplaintOutcome{outcome}, ComplaintSubjects: []schemas.ComplaintSubject{subject}})
	stranger := subject
	stranger.ComplaintID, stranger.Issue = "other", "noise"
	if got := write(sinks.Batch{ComplaintSubjects: []schemas.ComplaintSubject{stranger}}); got != was {
		t.Error("the digest changes with a complaint on another subject")
	}
	neighbour := subject
	neighbour.ComplaintID, neighbour.OpenedAt = "before", opened.AddDate(0, 0, -3)
	if got := write(sinks.Batch{ComplaintSubjects: []schemas.ComplaintSubject{neighbour}}); got == was {
		t.Error("the digest does not change with a complaint on the same subject")
	}
}

func TestCasesOfADayReadFewRows(t *testing.T) {
	r := newRig(t, fakeSettings{})
	r.exec(`INSERT INTO rapport_store.milestone_facts (tenant, hour, source, id, occurred_at, case_id, milestone)
		SELECT 't', toStartOfHour(at), 's', toString(number), toDateTime64('2026-01-01 00:00:00', 6, 'UTC') + toIntervalMinute(number) AS at, concat('k', leftPad(toString(number), 9, '0')), 'requested' FROM numbers(300000)`)
	r.exec(`INSERT INTO rapport_store.case_outcomes (tenant, case_id, live, requested_at, reached.name, reached.at)
		SELECT tenant, case_id, true, occurred_at, ['requested'], [occurred_at] FROM rapport_store.milestone_facts`)
	r.exec("OPTIMIZE TABLE rapport_store.case_outcomes FINAL")
	groups, err := r.recomputer.group([]schemas.Day{{Tenant: "t", Date: "2026-02-10", Family: schemas.Cases}})
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range groups[0].family.Tables {
		rows, err := r.conn.Query(t.Context(), "EXPLAIN ESTIMATE "+groups[0].sql.audit[table], groups[0].parameters(nil)...)
		if err != nil {
			t.Fatal(err)
		}
		read := map[string]uint64{}
		err = each(rows, func() error {
			var database, name string
			var parts, count, marks uint64
			err := rows.Scan(&database, &name, &parts, &count, &marks)
			read[name] += count
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := read["case_outcomes"]; n == 0 || n > 3*8192 {
			t.Errorf("%s of one day would read %d cases of 300,000", table, n)
		}
	}
}
