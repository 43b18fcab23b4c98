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
			"a": {Zone: time.FixedZone("", 5*3600+1800), Pairs: [][2]string{{"region", "product"}}},
			"b": {Zone: time.FixedZone("", 8*3600)},
		},
	}
}

func TestOrderAndDuplicatesDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, err := generator.New(generator.Config{Seed: rapid.Uint64().Draw(t, "seed"), Tenants: []string{"a", "b", "default"}})
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
		if got.Counts != want.Counts || !reflect.DeepEqual(got.Facts, want.Facts) {
			t.Fatalf("facts or counts differ: %+v, %+v", got.Counts, want.Counts)
		}
	})
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
