package questionnaires

import (
	"bytes"
	"encoding/json"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files")

func TestShippedGolden(t *testing.T) {
	catalog, err := Load(Shipped(), "")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"after-sales-10", "ecommerce-5", "likert-12", "rater-5", "relationship", "servqual-22"}, catalog.IDs()); diff != "" {
		t.Fatal(diff)
	}
	for _, id := range catalog.IDs() {
		got, err := json.MarshalIndent(catalog.Versions(id), "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, '\n')
		path := filepath.Join("testdata", id+".golden.json")
		if *update {
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s (go test -update writes it anew):\n%s", path, diff)
		}
	}
}

// good is a file without mistakes, one line for each field.
const good = `id: shop-3
version: 1
valid_from: 2025-01-31
title: {en: Shop}
scale:
  min: 1
  max: 5
  normalisation: ratio
  levels: {very_satisfied: 5, satisfied: 4, neutral: 3, dissatisfied: 2}
dimensions:
  - {id: speed, title: {en: Speed}, weight: 60}
  - {id: staff, title: {en: Staff}, weight: 40}
items:
  - {id: speed, text: {en: Speed?}}
  - {id: polite, dimension: staff, text: {en: Polite?}, weight: 0.5}
  - {id: skilled, dimension: staff, text: {en: Skilled?}, weight: 1.5}
validity: {max_missing: 1, neutral: 3}
index_levels: {very_satisfied: 90, satisfied: 70, neutral: 50, dissatisfied: 30}
satisfied_threshold: 72.5
target: {satisfaction_index: 80, nps: -5}
`

func TestGoodFile(t *testing.T) {
	v, problems := Check("shop.yaml", []byte(good))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if got := []int64{v.Items[0].Weight, v.Items[1].Weight, v.Items[2].Weight}; !cmp.Equal(got, []int64{1, 5, 15}) {
		t.Errorf("weights of the items %v, want 1, 5, 15", got)
	}
	// 100/5 * (0.6, 0.4*1/4, 0.4*3/4) = 12, 2, 6.
	if diff := cmp.Diff([]int64{12, 2, 6}, v.scoring.index.coefficients); diff != "" || v.scoring.index.den != 1 {
		t.Errorf("coefficients over %d: %s", v.scoring.index.den, diff)
	}
	if v.SatisfiedThreshold != (Decimal{Unscaled: 725, Places: 1}) {
		t.Errorf("satisfied threshold %v", v.SatisfiedThreshold)
	}
}

func TestWithoutItems(t *testing.T) {
	v, problems := Check("r.yaml", []byte("id: relationship\nversion: 1\nvalid_from: 2020-01-01\ntitle: {en: Relationship}\ntarget: {nps: 30}\n"))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if result := mustScore(t, v, answered(v, 0)); !result.Valid || result.IndexDen != 0 || result.Level != "" {
		t.Errorf("%+v, want valid without index", result)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(good))
	for _, test := range mistakes {
		f.Add([]byte(strings.Replace(good, test.from, test.to, 1)))
	}
	f.Add([]byte(compared))
	for _, test := range ahpMistakes {
		f.Add([]byte(strings.Replace(compared, test.from, test.to, 1)))
	}
	entries, err := fs.ReadDir(Shipped(), ".")
	if err != nil {
		f.Fatal(err)
	}
	for _, entry := range entries {
		text, err := fs.ReadFile(Shipped(), entry.Name())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		v, problems := Check("f.yaml", text)
		if (v == nil) == (len(problems) == 0) {
			t.Fatalf("version %v with problems %v", v, problems)
		}
		again, _ := Check("f.yaml", bytes.Clone(text))
		if v == nil || len(v.Items) == 0 {
			return
		}
		// Whatever file is taken scores a full response to 0..100, and alike each time it is read.
		r := answered(v, int(v.Scale.Max))
		result := mustScore(t, v, r)
		if result.IndexNum != 100*result.IndexDen {
			t.Fatalf("best answers score %d/%d", result.IndexNum, result.IndexDen)
		}
		if other := mustScore(t, again, r); other.IndexNum != result.IndexNum || other.IndexDen != result.IndexDen {
			t.Fatal("a second reading scores otherwise")
		}
	})
}
