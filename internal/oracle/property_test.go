package oracle_test

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/rapport-project/rapport/internal/generator"
	"github.com/rapport-project/rapport/internal/oracle"
)

func settings() oracle.Options {
	return oracle.Options{
		DefaultTenant: "default",
		Tenants: map[string]oracle.Tenant{
			"a": {Zone: time.FixedZone("", 5*3600+1800), Pairs: [][2]string{{"region", "product"}}, WindowDays: 3, ServiceLevelSeconds: 10},
			"b": {Zone: time.FixedZone("", 8*3600), Working: func(from, to time.Time) time.Duration { return to.Sub(from) / 3 }},
		},
	}
}

func TestOrderAndDuplicatesDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, err := generator.New(generator.Config{Seed: rapid.Uint64().Draw(t, "seed"), Tenants: []string{"a", "b", "default"}, Customers: 10, Service: 0.5})
		if err != nil {
			t.Fatal(err)
		}
		events := g.Events(rapid.IntRange(1, 150).Draw(t, "stories"))
		rng := generator.NewRand(rapid.Uint64().Draw(t, "shape"))
		shaped := generator.Shuffle(generator.Duplicate(events, 0.3, rng), rng)
		shaped = generator.Reformat(shaped, 0.2, rng)

		want, err := oracle.Compute(generator.Accepted(events), settings())
		if err != nil {
			t.Fatal(err)
		}
		got, err := oracle.Compute(generator.Accepted(shaped), settings())
		if err != nil {
			t.Fatal(err)
		}
		if ds := oracle.Compare(got.Rows(), want.Rows()); ds != nil {
			t.Fatal(oracle.Report(ds))
		}
		if ds := oracle.CompareOutcomes(got.Outcomes(), want.Outcomes()); ds != nil {
			t.Fatal(oracle.Report(ds))
		}
		if got.Counts != want.Counts || !reflect.DeepEqual(got.Facts, want.Facts) {
			t.Fatalf("facts or counts differ: %+v, %+v", got.Counts, want.Counts)
		}
	})
}

// Whatever comes in, the figures hang together as the catalogue says they do.
func TestServiceFiguresHangTogether(t *testing.T) {
	g, err := generator.New(generator.Config{Seed: 31, Tenants: []string{"a", "b", "default"}, Customers: 15})
	if err != nil {
		t.Fatal(err)
	}
	r, err := oracle.Compute(generator.Accepted(g.ServiceEvents(600)), settings())
	if err != nil {
		t.Fatal(err)
	}
	var episodes, in, firsts int64
	for _, c := range r.Contacts {
		episodes += c.Episode
		if c.InChain {
			in++
		}
		if c.First {
			firsts++
		}
		if c.First != (c.Episode > 0) || (c.FCR != "") != (c.First && c.Resolved != nil) || (c.FCRReason != "") != (c.FCR == "no") {
			t.Fatalf("%+v", c)
		}
	}
	if episodes != in || firsts == 0 || firsts == in {
		t.Errorf("%d contacts in episodes, %d in chains, %d first", episodes, in, firsts)
	}
	sums := map[string]int64{}
	for _, row := range r.Service {
		if row.Cut != "agent" {
			continue
		}
		for _, c := range row.Cells {
			for _, table := range oracle.Tables() {
				if table.Name == row.Table {
					for _, m := range table.Measures {
						sums[row.Table+"."+m] += c.Measure(m).Int64()
					}
				}
			}
		}
	}
	var repeats int64
	for _, c := range r.Complaints {
		if c.Repeat {
			repeats++
		}
	}
	for _, equal := range [][2]int64{
		{sums["contact_days.contacts"], in}, {sums["contact_days.first_contacts"], firsts},
		{sums["contact_days.fcr_n"] + sums["contact_days.resolved_unknown"], firsts},
		{sums["contact_days.resolved_first"] + sums["contact_days.failed_not_resolved"] + sums["contact_days.failed_repeat_contact"] + sums["contact_days.failed_reopened"], sums["contact_days.fcr_n"]},
		{sums["milestone_days.n"] + sums["milestone_days.working_n"], sums["milestone_duration_days.n"]},
		{sums["complaint_days.repeats"], repeats},
	} {
		if equal[0] != equal[1] || equal[0] == 0 {
			t.Errorf("%d and %d", equal[0], equal[1])
		}
	}
	for name, n := range map[string]int64{
		"reopened": sums["contact_days.failed_reopened"], "late": sums["milestone_days.late"], "on time": sums["milestone_days.on_time"],
		"due": sums["milestone_due_days.n"], "due of complaints": sums["complaint_due_days.n"], "responses": sums["complaint_days.response_n"],
		"resolutions": sums["complaint_days.resolution_n"], "complaints late": sums["complaint_days.late"], "working": sums["milestone_days.working_n"],
	} {
		if n < 5 {
			t.Errorf("%s: %d, so the figure is hardly tried", name, n)
		}
	}
}

// Taking all responses back must empty every cell and keep every row.
func TestRetractingAllLeavesNothing(t *testing.T) {
	g, err := generator.New(generator.Config{Seed: 11, Rates: &generator.Rates{Invitations: 0.3}})
	if err != nil {
		t.Fatal(err)
	}
	raw := generator.Accepted(g.Events(200))
	before, err := oracle.Compute(raw, settings())
	if err != nil {
		t.Fatal(err)
	}
	for id, f := range before.Facts {
		raw = append(raw, write(obj{
			"specversion": "1.0", "id": id.ID, "source": id.Source, "type": id.Type, "tenant": id.Tenant,
			"time": f.At.Format(time.RFC3339Nano), "revision": f.Revision + 1, "retracted": true,
		}))
	}
	after, err := oracle.Compute(raw, settings())
	if err != nil {
		t.Fatal(err)
	}
	if len(after.Rows()) != len(before.Rows()) || len(oracle.NotEmpty(after.Rows())) != 0 || len(oracle.NotEmpty(before.Rows())) == 0 {
		t.Errorf("%d rows before, %d after, %d of them not empty", len(before.Rows()), len(after.Rows()), len(oracle.NotEmpty(after.Rows())))
	}
}

func BenchmarkCompute(b *testing.B) {
	g, err := generator.New(generator.Config{})
	if err != nil {
		b.Fatal(err)
	}
	raw := generator.Accepted(g.Events(10_000))
	for b.Loop() {
		if _, err := oracle.Compute(raw, settings()); err != nil {
			b.Fatal(err)
		}
	}
}
