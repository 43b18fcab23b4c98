package rollups

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/schemas"
)

// odd are tenants whose zones and names ask for trouble: quarter hours, days of 23 and 25 hours, quotes, slashes and tabs.
func odd(t testing.TB) fakeSettings {
	s := fakeSettings{}
	for name, z := range map[string]string{
		"kathmandu": "Asia/Kathmandu", "new york": "America/New_York", "plain": "UTC", `o'dd \ "ta	b"` + "\nline": "Asia/Kathmandu", "havana": "America/Havana",
	} {
		tenant := s.For(name)
		tenant.Zone = zone(t, z)
		if z != "UTC" {
			tenant.Cuts = [][2]string{{"region", "product"}, {"channel", "agent"}}
		}
		s[name] = tenant
	}
	return s
}

// random deliveries around the changes of clocks in 2026, with revisions, retractions and superseded keys.
func random(rng *rand.Rand, settings fakeSettings, n int) []delivered {
	tenants := []string{}
	for _, t := range settings.Configured() {
		tenants = append(tenants, t.ID)
	}
	pick := func(all ...string) string { return all[rng.IntN(len(all))] }
	starts := []int64{
		time.Date(2026, 3, 7, 22, 0, 0, 0, time.UTC).Unix(), time.Date(2026, 10, 31, 22, 0, 0, 0, time.UTC).Unix(),
		time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC).Unix(),
	}
	var facts []delivered
	for i := range n {
		at := time.UnixMicro(starts[rng.IntN(len(starts))]*1e6 + rng.Int64N(3*86400*1e6)).UTC()
		f := response(tenants[i%len(tenants)], fmt.Sprint("id", rng.IntN(n)), at, rng.Int64N(100))
		for revision := range rng.IntN(3) + 1 {
			f.Revision, f.Payload = uint32(rng.IntN(3)), rng.Uint64()
			// Time within the hour may change with a revision, over midnight in zones of odd quarters.
			f.OccurredAt = f.Hour.Add(time.Duration(rng.Int64N(int64(time.Hour/time.Microsecond))) * time.Microsecond)
			f.Retracted = rng.IntN(8) == 0
			f.Role = pick("customer", "customer", "employee", "manager")
			f.Questionnaire, f.QuestionnaireVersion = pick("q", "r"), pick("1", "2", "10")
			f.AttributeColumns = schemas.AttributeColumns{
				Region: pick("", "north", `sou"th`), Product: pick("x/y", "pump", "<ü>"), Channel: pick("", "mail", "a\\b"), Agent: fmt.Sprint("a", rng.IntN(20)),
			}
			f.Valid = rng.IntN(6) > 0
			f.IndexNum, f.IndexDen, f.Level = 0, 0, ""
			f.Dimension, f.DimensionNum, f.DimensionDen = nil, nil, nil
			addRandomAnswers(rng, &f)
			if f.Valid && f.Questionnaire == "q" {
				f.IndexNum, f.IndexDen = rng.Int64N(1e12), 1e10
				f.Level = pick("very_satisfied", "satisfied", "neutral", "dissatisfied", "very_dissatisfied")
				for _, d := range []string{"skill", "attitude"}[:1+rng.IntN(2)] {
					f.Dimension, f.DimensionNum, f.DimensionDen = append(f.Dimension, d), append(f.DimensionNum, rng.Int64N(1e12)), append(f.DimensionDen, 1e10)
				}
			}
			f.NPS, f.CES, f.Repurchase, f.ResolvedFirstContact = nil, nil, nil, nil
			if rng.IntN(3) > 0 {
				yes := rng.IntN(2) == 0
				f.NPS, f.CES, f.Repurchase, f.ResolvedFirstContact = p8(rng.IntN(11)), p8(1+rng.IntN(7)), p8(1+rng.IntN(5)), &yes
			}
			facts = append(facts, delivered{SurveyFact: f, superseded: revision == 2 && rng.IntN(3) == 0})
		}
	}
	return facts
}

func (r *rig) deliver(facts []delivered) daySet {
	r.t.Helper()
	days := daySet{}
	var plainly []schemas.SurveyFact
	var superseded []storedFact
	for _, f := range facts {
		days.add(daysOfHour(r.settings.For(f.Tenant), f.Hour, schemas.Surveys)...)
		if !f.superseded {
			plainly = append(plainly, f.SurveyFact)
			continue
		}
		superseded = append(superseded, storedFact{tenant: f.Tenant, source: f.Source, id: f.ID, delivery: delivery{f.Revision, f.Payload, f.Hour, 0}})
	}
	// Several inserts, so that FINAL has parts to merge; in each, neighbours are of different days.
	for len(plainly) > 0 {
		n := min(len(plainly), 1+len(facts)/5)
		r.write(plainly[:n]...)
		plainly = plainly[n:]
	}
	if err := newSettler(r.conn, r.settings).supersede(r.t.Context(), factTable{Name: "survey_facts"}, superseded); err != nil {
		r.t.Fatal(err)
	}
	return days
}

func TestRecomputeEqualsNaive(t *testing.T) {
	settings := odd(t)
	r := newRig(t, settings)
	rng := rand.New(rand.NewPCG(1, 2))
	facts := random(rng, settings, 3000)
	days := r.deliver(facts)
	r.recompute(5, days.sorted()...)
	want := naive(settings, facts, days.sorted())
	got := r.stored()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("rows (-naive +stored):\n%.4000s", diff)
	}
	if found := r.verify(); len(found) > 0 {
		t.Fatalf("verify: %v", found[0])
	}
	filled := 0
	for _, lines := range got {
		filled += len(lines)
	}
	if filled < 1000 {
		t.Fatalf("only %d cells compared", filled)
	}

	t.Run("again in any order is the same", func(t *testing.T) {
		rng.Shuffle(len(facts), func(i, j int) { facts[i], facts[j] = facts[j], facts[i] })
		r.deliver(facts[:len(facts)/3])
		r.recompute(6, days.sorted()...)
		if diff := cmp.Diff(want, r.stored()); diff != "" {
			t.Fatalf("rows changed:\n%.2000s", diff)
		}
	})
	t.Run("after merges the same", func(t *testing.T) {
		r.exec("OPTIMIZE TABLE rapport_store.survey_facts FINAL")
		r.exec("OPTIMIZE TABLE rapport_store.satisfaction_days FINAL")
		if found := r.verify(); len(found) > 0 {
			t.Fatalf("verify: %v", found[0])
		}
		if diff := cmp.Diff(want, r.stored()); diff != "" {
			t.Fatalf("rows changed:\n%.2000s", diff)
		}
	})
}

func TestRowsReplace(t *testing.T) {
	r := newRig(t, fakeSettings{})
	noon := at(t, "2026-05-04T12:00:00Z")
	day := schemas.Day{Tenant: "t", Date: "2026-05-04"}
	region := rowKey{SatisfactionDays, "t", "region", day.Date}
	f := response("t", "1", noon, 80)
	r.write(f)
	r.recompute(10, day)
	if got := r.stored()[region]; len(got) != 1 || got[0][:5] != "north" {
		t.Fatalf("by region: %q", got)
	}

	f.Revision, f.Region = 1, "south"
	r.write(f)
	r.recompute(11, day)
	if got := r.stored()[region]; len(got) != 1 || got[0][:5] != "south" {
		t.Fatalf("the value that vanished is still there: %q", got)
	}

	f.Revision, f.Retracted = 2, true
	r.write(f)
	r.recompute(9, day) // a zombie that answers an older mark, with a look at newer facts or at older ones
	if got := r.stored()[region]; len(got) != 1 {
		t.Fatalf("a lower version won: %q", got)
	}
	if found := r.verify(); len(found) == 0 {
		t.Fatal("verify finds nothing though a retraction is not in the figures")
	}
	r.recompute(12, day)
	rows := r.stored()
	if got, ok := rows[region]; !ok || len(got) != 0 {
		t.Fatalf("a day of tombstones alone: %q, want a row without cells", got)
	}
	if len(rows) != 4*8 {
		t.Fatalf("%d rows, want one for each of 8 cuts in all four tables", len(rows))
	}
	if found := r.verify(); len(found) > 0 {
		t.Fatalf("verify: %v", found)
	}
}

func TestClockAsVersionLetsAZombieWin(t *testing.T) {
	r := newRig(t, fakeSettings{})
	day := schemas.Day{Tenant: "t", Date: "2026-05-04"}
	var tick int64
	r.recomputer.o.Version = func(epoch uint64, _ int64) Version { tick++; return Version{epoch, uint64(tick)} }
	r.write(response("t", "1", at(t, "2026-05-04T12:00:00Z"), 80))
	r.recompute(11, day)
	r.exec("ALTER TABLE rapport_store.survey_facts UPDATE valid = false WHERE 1 SETTINGS mutations_sync = 2") // what a zombie read long ago
	r.recompute(10, day)
	r.exec("ALTER TABLE rapport_store.survey_facts UPDATE valid = true WHERE 1 SETTINGS mutations_sync = 2")
	if found := r.verify(); len(found) == 0 {
		t.Fatal("a clock as version is as good as an offset: this test does not test")
	}
}

func TestRecomputeReadsFewRows(t *testing.T) {
	r := newRig(t, fakeSettings{})
	r.exec(`INSERT INTO rapport_store.survey_facts (tenant, hour, source, id, revision, payload, retracted, occurred_at, questionnaire, questionnaire_version, role, region, agent, valid, index_num, index_den, level)
		SELECT 't' || toString(number % 10), toStartOfHour(at), 's', toString(number), 0, number, false, toDateTime64('2026-01-01 00:00:00', 6, 'UTC') + toIntervalSecond(intDiv(number, 10) * 150) AS at,
			'q', '1', 'customer', 'north', toString(number % 100), true, number % 101, 1, 'satisfied' FROM numbers(300000)`)
	r.exec("OPTIMIZE TABLE rapport_store.survey_facts FINAL")
	groups, err := r.recomputer.group([]schemas.Day{{Tenant: "t3", Date: "2026-02-10"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range groups[0].family.Tables {
		rows, err := r.conn.Query(t.Context(), "EXPLAIN ESTIMATE "+groups[0].sql.audit[table], groups[0].parameters(nil)...)
		if err != nil {
			t.Fatal(err)
		}
		var read uint64
		err = each(rows, func() error {
			var database, name string
			var parts, count, marks uint64
			err := rows.Scan(&database, &name, &parts, &count, &marks)
			if name == "survey_facts" {
				read += count
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		// A day of a tenant is 576 of 300,000 rows: two granules where its edges do not meet those of the granules.
		if read == 0 || read > 3*8192 {
			t.Errorf("%s of one day would read %d facts of 300,000", table, read)
		}
	}
}

func TestRetentionLeavesDaysAlone(t *testing.T) {
	r := newRig(t, fakeSettings{})
	day := schemas.Day{Tenant: "t", Date: "2026-01-10"}
	r.write(response("t", "1", at(t, "2026-01-10T12:00:00Z"), 80), response("t", "2", at(t, "2026-01-10T13:00:00Z"), 90), response("t", "3", at(t, "2026-03-10T13:00:00Z"), 90))
	r.recompute(1, day, schemas.Day{Tenant: "t", Date: "2026-03-10"})
	want := r.stored()

	now := func() time.Time { return at(t, "2026-04-05T12:00:00Z") }
	const retention = 60 * 24 * time.Hour
	r.recomputer.o.Retention, r.recomputer.o.Now = retention, now
	s := r.sweeper()
	s.o.Retention, s.o.Now = retention, now
	if err := s.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	var left uint64
	if err := r.conn.QueryRow(t.Context(), "SELECT count() FROM rapport_store.survey_facts").Scan(&left); err != nil || left != 1 {
		t.Fatalf("%d facts left (%v), want the one of March", left, err)
	}
	r.recompute(2, day)
	if diff := cmp.Diff(want, r.stored()); diff != "" {
		t.Fatalf("a day past retention was recomputed:\n%s", diff)
	}
	if found := r.verify(); len(found) > 0 {
		t.Fatalf("a day past retention was compared: %v", found)
	}
}

func BenchmarkRecompute(b *testing.B) {
	r := newRig(b, fakeSettings{})
	r.exec(`INSERT INTO rapport_store.survey_facts (tenant, hour, source, id, revision, payload, retracted, occurred_at, questionnaire, questionnaire_version, role, region, agent, valid, index_num, index_den, level, dimensions.dimension, dimensions.num, dimensions.den)
		SELECT 't', toStartOfHour(at), 's', toString(number), 0, number, false, toDateTime64('2026-01-01 00:00:00', 6, 'UTC') + toIntervalSecond(intDiv(number, 10) * 60) AS at,
			'q', '1', 'customer', 'north', toString(number % 100), true, number % 101, 1, 'satisfied', ['d1', 'd2'], [number % 101, number % 99], [1, 1] FROM numbers(1000000)`)
	for _, n := range []int{1, 30} {
		b.Run(fmt.Sprintf("%d days of 14,400 facts", n), func(b *testing.B) {
			days := map[schemas.Day]int64{}
			for i := range n {
				days[schemas.Day{Tenant: "t", Date: time.Date(2026, 1, 2+i, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)}] = 1
			}
			common := r.ensure()
			for b.Loop() {
				if err := r.recomputer.Recompute(b.Context(), common, days); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
