package questionnaires

import (
	"regexp"
	"strings"
	"testing"
)

const fingerprinted = `id: q
version: 1
valid_from: 2025-01-31
title: {en: Title}
scale: {min: 1, max: 10, normalisation: ratio, levels: {very_satisfied: 9, satisfied: 7, neutral: 5, dissatisfied: 3}}
dimensions:
  - {id: speed, title: {en: Speed}, weight: 60, reasons: [{code: slow, label: {en: Slow}}]}
  - {id: staff, title: {en: Staff}, weight: 40}
items:
  - {id: speed, text: {en: Fast?}}
  - {id: polite, dimension: staff, weight: 1, text: {en: Polite?}}
  - {id: skilled, dimension: staff, weight: 3, text: {en: Skilled?}}
validity: {max_missing: 1, neutral: 3}
index_levels: {very_satisfied: 90, satisfied: 70, neutral: 50, dissatisfied: 30}
target: {satisfaction_index: 80}
`

func TestFingerprintIsOfWhatScores(t *testing.T) {
	fingerprint := func(text string) string {
		v, problems := Check("q.yaml", []byte(text))
		if len(problems) > 0 {
			t.Fatalf("%v in\n%s", problems, text)
		}
		return v.Fingerprint()
	}
	was := fingerprint(fingerprinted)
	if !regexp.MustCompile("^[0-9a-f]{64}$").MatchString(was) {
		t.Fatalf("%q is no SHA-256", was)
	}
	for _, test := range []struct {
		from, to string
		changed  bool
	}{
		{"weight: 60", "weight: 50", true},
		{"weight: 1,", "weight: 2,", true},
		{"max: 10", "max: 12", true},
		{"min: 1,", "min: 2,", true},
		{"normalisation: ratio", "normalisation: range", true},
		{"very_satisfied: 9,", "very_satisfied: 10,", true},
		{"dissatisfied: 3}}", "dissatisfied: 2}}", true},
		{"very_satisfied: 90", "very_satisfied: 90.5", true},
		{"max_missing: 1", "max_missing: 2", true},
		{"neutral: 3}", "neutral: 4}", true},
		{"neutral: 3}", "neutral: 3, expectation: required}", true},
		{"neutral: 3}", "neutral: 3, expectation: optional}", false},
		{"id: polite", "id: kind", true},
		{"{id: polite, dimension: staff, weight: 1, text: {en: Polite?}}\n", "{id: polite, dimension: staff, weight: 1, text: {en: Polite?}}\n  - {id: more, dimension: staff, weight: 1, text: {en: More?}}\n", true},

		{"weight: 60", "weight: 60.0", false},
		{"weight: 60, reasons: [{code: slow, label: {en: Slow}}]}\n  - {id: staff, title: {en: Staff}, weight: 40}", "weight: 3}\n  - {id: staff, title: {en: Staff}, weight: 2}", false},
		{"en: Title", "en: Another", false},
		{"en: Fast?", "en: Faster?", false},
		{"en: Slow}", "en: Slower}", false},
		{"satisfaction_index: 80", "satisfaction_index: 85", false},
		{"valid_from: 2025-01-31", "valid_from: 2025-02-28", false},
	} {
		if strings.Count(fingerprinted, test.from) != 1 {
			t.Fatalf("%q is not there once", test.from)
		}
		if got := fingerprint(strings.Replace(fingerprinted, test.from, test.to, 1)); (got != was) != test.changed {
			t.Errorf("%q for %q: changed %t", test.to, test.from, got != was)
		}
	}
	lines := strings.SplitAfter(fingerprinted, "\n")
	lines[10], lines[11] = lines[11], lines[10]
	if got := fingerprint(strings.Join(lines, "")); got != was {
		t.Error("items in another order score alike")
	}
}

func TestDefinitionReadsLikeAFile(t *testing.T) {
	v, problems := Check("q.yaml", []byte(fingerprinted))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	const want = `scale: {min: 1, max: 10, normalisation: ratio, levels: {very_satisfied: 9, satisfied: 7, neutral: 5, dissatisfied: 3}}
dimensions:
  - {id: speed, weight: 3}
  - {id: staff, weight: 2}
items:
  - {id: polite, dimension: staff, weight: 1}
  - {id: skilled, dimension: staff, weight: 3}
  - {id: speed, dimension: speed, weight: 1}
validity: {max_missing: 1, neutral: 3}
index_levels: {very_satisfied: 90, satisfied: 70, neutral: 50, dissatisfied: 30}
`
	if got := v.Definition(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got := (&Version{}).Definition(); got != "items: []\n" {
		t.Errorf("without items: %q", got)
	}
}
