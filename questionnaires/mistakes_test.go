package questionnaires

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// mistakes are edits of the good file, text to text, and the messages they lead to.
var mistakes = []struct{ name, from, to, want string }{
	{"typo in a key", "normalisation: ratio", "normalization: ratio", `
f.yaml:5: scale.normalisation: missing; want ratio (x / max) or range ((x - min) / (max - min))
f.yaml:8: scale.normalization: unknown key; did you mean normalisation?`},
	{"unknown key", "satisfied_threshold: 72.5", "colour: red", `
f.yaml:19: colour: unknown key; want id, version, valid_from, title, scale, dimensions, ahp, items, validity, index_levels, satisfied_threshold, target`},
	{"key twice", "version: 1\n", "version: 1\nversion: 2\n", `
f.yaml:3: version: the key is there twice`},
	{"no id", "id: shop-3\n", "", `
f.yaml:1: id: missing; want 1 to 64 letters, digits and . _ -, starting with a letter or digit`},
	{"bad id", "id: shop-3", "id: shop 3", `
f.yaml:1: id: "shop 3"; want 1 to 64 letters, digits and . _ -, starting with a letter or digit`},
	{"id is a list", "id: shop-3", "id: [shop]", `
f.yaml:1: id: found a list; want text`},
	{"no title", "title: {en: Shop}", "title:", `
f.yaml:4: title: missing; want text such as {en: After-sales survey}`},
	{"title is plain", "title: {en: Shop}", "title: Shop", `
f.yaml:4: title: found "Shop"; want a mapping (key: value)`},
	{"title without English", "title: {en: Shop}", "title: {zh: Shop}", `
f.yaml:4: title.en: missing; want the English text`},
	{"no date", "valid_from: 2025-01-31", "valid_from: 31.1.2025", `
f.yaml:3: valid_from: found "31.1.2025"; want a date such as 2025-01-31`},
	{"no such day", "2025-01-31", "2025-02-30", `
f.yaml:3: valid_from: found "2025-02-30"; want a date such as 2025-01-31`},
	{"scale upside down", "max: 5", "max: 1", `
f.yaml:7: scale.max: found 1; want more than min, which is 1, and at least 1`},
	{"scale of fractions", "max: 5", "max: 5.5", `
f.yaml:7: scale.max: found "5.5"; want a whole number from -1000 to 1000`},
	{"quoted number", "min: 1", "min: '1'", `
f.yaml:6: scale.min: found "1"; want a whole number from -1000 to 1000`},
	{"negative scale with ratio", "min: 1", "min: -2", `
f.yaml:6: scale.min: found -2; want 0 or more with ratio, so that scores lie in 0..100; or normalisation: range`},
	{"unknown normalisation", "ratio", "rato", `
f.yaml:8: scale.normalisation: found "rato"; want one of ratio, range`},
	{"level off the scale", "very_satisfied: 5", "very_satisfied: 6", `
f.yaml:9: scale.levels.very_satisfied: found "6"; want a whole number from 1 to 5`},
	{"levels rise", "neutral: 3,", "neutral: 5,", `
f.yaml:9: scale.levels.neutral: found 5; want at most 4, the bound of satisfied`},
	{"level missing", ", dissatisfied: 2", "", `
f.yaml:9: scale.levels.dissatisfied: missing; want the lower bound of the level (very_dissatisfied is what lies below dissatisfied)`},
	{"range without index levels", good, strings.NewReplacer("ratio", "range", "index_levels", "#").Replace(good), `
f.yaml:1: index_levels: missing; want the lowest index of each level, as {very_satisfied: 90, satisfied: 70, neutral: 50, dissatisfied: 30}; there is no default with normalisation: range`},
	{"no scale", good, strings.NewReplacer("scale:", "index_levels:", "index_levels:", "#", "  min: 1\n  max: 5\n  normalisation: ratio\n  levels: {", "  {").Replace(good), `
f.yaml:1: scale: missing; want {min: 1, max: 10, normalisation: ratio, levels: {...}}`},
	{"no items", good, good[:strings.Index(good, "dimensions:")], `
f.yaml:5: scale: there is nothing to score without items; add items, or leave scale out`},
	{"empty items", good, good[:strings.Index(good, "items:")] + "items: []\n", `
f.yaml:13: items: found an empty list; want a list of items: {id: speed, text: {en: How fast were we?}}`},
	{"index level", "satisfied: 70", "satisfied: 170", `
f.yaml:18: index_levels.satisfied: found "170"; want a number from 0 to 100 with at most 6 decimals`},
	{"weight negative", "weight: 60", "weight: -60", `
f.yaml:11: dimensions[0].weight: found "-60"; want a number from 0 to 1000000 with at most 6 decimals`},
	{"weight with a unit", "weight: 60", "weight: 60 %", `
f.yaml:11: dimensions[0].weight: found "60 %"; want a number from 0 to 1000000 with at most 6 decimals`},
	{"weight too fine", "weight: 0.5", "weight: 0.1234567", `
f.yaml:15: items[1].weight: found "0.1234567"; want a number from 0 to 1000000 with at most 6 decimals`},
	{"weight for some", ", weight: 40", "", `
f.yaml:12: dimensions[1].weight: missing; want a weight, since others here have one (or none at all, which is equal weights)`},
	{"weights all zero", "weight: 0.5}\n  - {id: skilled, dimension: staff, text: {en: Skilled?}, weight: 1.5", "weight: 0}\n  - {id: skilled, dimension: staff, text: {en: Skilled?}, weight: 0", `
f.yaml:15: items[1].weight: all weights here are 0; want one above 0`},
	{"weights of no common denominator", good, strings.NewReplacer("weight: 60", "weight: 60.000001", "weight: 0.5", "weight: 0.654321").Replace(good), `
f.yaml:1: the weights need a common denominator of 71810700718107, more than 1000000000; use fewer decimals or rounder weights`},
	{"dimension without items", "  - {id: staff,", "  - {id: extra, title: {en: E}, weight: 1}\n  - {id: staff,", `
f.yaml:12: dimensions[1].id: no item has the dimension extra; want one or more, or leave the dimension out`},
	{"dimension not listed", "dimension: staff, text: {en: Polite?}", "dimension: staf, text: {en: Polite?}", `
f.yaml:12: dimensions[1].id: its one item is skilled; the item of a dimension of one has the dimension's id, so name both alike
f.yaml:15: items[1].dimension: "staf" is not in the list of dimensions; want one of speed, staff`},
	{"item twice", "id: polite", "id: skilled", `
f.yaml:16: items[2].id: the item skilled is there twice`},
	{"dimension twice", "id: staff, title", "id: speed, title", `
f.yaml:12: dimensions[1].id: the dimension speed is there twice
f.yaml:15: items[1].dimension: "staff" is not in the list of dimensions; want one of speed, speed
f.yaml:16: items[2].dimension: "staff" is not in the list of dimensions; want one of speed, speed`},
	{"reasons at an item", "id: speed, text", "id: speed, reasons: [], text", `
f.yaml:14: items[0].reasons: want the reasons in the list of dimensions`},
	{"reason twice", "weight: 60}", "weight: 60, reasons: [{code: late, label: {en: Late}}, {code: late, label: {en: Late}}]}", `
f.yaml:11: dimensions[0].reasons[1].code: the reason late is there twice`},
	{"reason without label", "weight: 60}", "weight: 60, reasons: [late, {code: slow}]}", `
f.yaml:11: dimensions[0].reasons[0]: found "late"; want a mapping (key: value)
f.yaml:11: dimensions[0].reasons[1].label: missing; want text such as {en: Arrived late}`},
	{"items no list", "items:\n", "items: 5\nx:\n", `
f.yaml:13: items: found "5"; want a list of items: {id: speed, text: {en: How fast were we?}}
f.yaml:14: x: unknown key; want id, version, valid_from, title, scale, dimensions, ahp, items, validity, index_levels, satisfied_threshold, target`},
	{"too many missing", "max_missing: 1", "max_missing: 3", `
f.yaml:17: validity.max_missing: found "3"; want a whole number from 0 to 2`},
	{"neutral missing", ", neutral: 3}\nindex", "}\nindex", `
f.yaml:17: validity.neutral: missing; want the answer that a missing one counts as`},
	{"neutral off the scale", "max_missing: 1, neutral: 3", "max_missing: 1, neutral: 7", `
f.yaml:17: validity.neutral: found "7"; want a whole number from 1 to 5`},
	{"neutral without missing", "max_missing: 1", "max_missing: 0", `
f.yaml:17: validity.neutral: no item may be missing; want max_missing of 1 or more, or no neutral`},
	{"neutral alone", "{max_missing: 1, neutral: 3}", "{neutral: 3}", `
f.yaml:17: validity.max_missing: missing; want how many items may be missing and count as neutral`},
	{"expectation neither", "max_missing: 1, neutral: 3", "expectation: yes", `
f.yaml:17: validity.expectation: found "yes"; want one of optional, required`},
	{"unknown key of validity", "max_missing: 1, neutral: 3", "perception: required", `
f.yaml:17: validity.perception: unknown key; want max_missing, neutral, expectation`},
	{"target of an unknown metric", "satisfaction_index: 80", "satisfaction: 80", `
f.yaml:20: target.satisfaction: unknown key; want satisfaction_index, dimension_score, satisfied_customer_rate, csat_top2, nps, ces, servqual_gap`},
	{"target off its range", "nps: -5", "nps: -500", `
f.yaml:20: target.nps: found "-500"; want a number from -100 to 100 with at most 6 decimals`},
	{"alias", "title: {en: Shop}", "title: &t {en: Shop}", `
f.yaml:4: title: found an anchor, alias or tag, which is not taken here; want a mapping (key: value)`},
	{"syntax", "title: {en: Shop}", "title: {en: Shop", `
f.yaml:5: not YAML: ',' or '}' must be specified`},
	{"two documents", "satisfied_threshold: 72.5\n", "---\n", `
f.yaml:20: a second document in the file; want one document in each file`},
	{"not UTF-8", "en: Shop", "en: \xff", `
f.yaml: the file is not UTF-8; save it as UTF-8`},
	{"empty", good, "# nothing\n", `
f.yaml: the file is empty`},
	{"a list", good, "- 1\n", `
f.yaml:1: found a list; want a mapping (key: value)`},
	{"no version", "version: 1\n", "", `
f.yaml:1: version: missing; want 1 to 64 letters, digits and . _ -, starting with a letter or digit`},
	{"bad version", "version: 1\n", "version: 1 beta\n", `
f.yaml:2: version: "1 beta"; want 1 to 64 letters, digits and . _ -, starting with a letter or digit`},
	{"no valid_from", "valid_from: 2025-01-31\n", "", `
f.yaml:1: valid_from: missing; want the date from which the version holds, such as 2025-01-31`},
	{"id too long", "id: shop-3", "id: " + strings.Repeat("x", 65), `
f.yaml:1: id: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"; want 1 to 64 letters, digits and . _ -, starting with a letter or digit`},
	{"title is a list", "title: {en: Shop}", "title: {en: [Shop]}", `
f.yaml:4: title.en: found a list; want text`},
	{"scale without bounds", "  min: 1\n  max: 5\n", "", `
f.yaml:5: scale.min: missing; want a whole number
f.yaml:5: scale.max: missing; want a whole number`},
	{"scale without levels", "  levels: {very_satisfied: 5, satisfied: 4, neutral: 3, dissatisfied: 2}\n", "", `
f.yaml:5: scale.levels: missing; want the lowest answer of each level: {very_satisfied: 9, satisfied: 7, neutral: 5, dissatisfied: 3}`},
	{"scale too wide", "max: 5", "max: 1001", `
f.yaml:7: scale.max: found "1001"; want a whole number from -1000 to 1000`},
	{"index levels rise", "satisfied: 70", "satisfied: 95", `
f.yaml:18: index_levels.satisfied: found 95; want at most 90, the bound of very_satisfied`},
	{"unknown level", "dissatisfied: 2}", "dissatisfied: 2, very_dissatisfied: 1}", `
f.yaml:9: scale.levels.very_dissatisfied: unknown key; want very_satisfied, satisfied, neutral, dissatisfied`},
	{"threshold off its range", "satisfied_threshold: 72.5", "satisfied_threshold: 101", `
f.yaml:19: satisfied_threshold: found "101"; want a number from 0 to 100 with at most 6 decimals`},
	{"threshold too fine", "satisfied_threshold: 72.5", "satisfied_threshold: 72.1234567", `
f.yaml:19: satisfied_threshold: found "72.1234567"; want a number from 0 to 100 with at most 6 decimals`},
	{"dimension without title", "{id: speed, title: {en: Speed}, weight: 60}", "{id: speed, weight: 60}", `
f.yaml:11: dimensions[0].title: missing; want text such as {en: Speed}`},
	{"dimension without id", "{id: speed, title: {en: Speed}, weight: 60}", "{title: {en: Speed}, weight: 60}", `
f.yaml:11: dimensions[0].id: missing; want 1 to 64 letters, digits and . _ -, starting with a letter or digit`},
	{"empty dimensions", "dimensions:\n  - {id: speed, title: {en: Speed}, weight: 60}\n  - {id: staff, title: {en: Staff}, weight: 40}\n", "dimensions: []\n", `
f.yaml:10: dimensions: found an empty list; want a list of dimensions: {id: speed, title: {en: Speed}, weight: 20}`},
	{"dimension at an item without a list", "dimensions:\n  - {id: speed, title: {en: Speed}, weight: 60}\n  - {id: staff, title: {en: Staff}, weight: 40}\n", "", `
f.yaml:11: items[0].weight: missing; want a weight, since others here have one (or none at all, which is equal weights)
f.yaml:12: items[1].dimension: there is no list of dimensions; add dimensions, or leave dimension out, so that each item is one of its own
f.yaml:13: items[2].dimension: there is no list of dimensions; add dimensions, or leave dimension out, so that each item is one of its own`},
	{"item without id", "{id: speed, text: {en: Speed?}}", "{text: {en: Speed?}}", `
f.yaml:11: dimensions[0].id: no item has the dimension speed; want one or more, or leave the dimension out
f.yaml:14: items[0].id: missing; want 1 to 64 letters, digits and . _ -, starting with a letter or digit`},
	{"item without text", "{id: speed, text: {en: Speed?}}", "{id: speed}", `
f.yaml:14: items[0].text: missing; want the question, such as {en: How fast were we?}`},
	{"unknown key of an item", "{id: speed, text", "{id: speed, texts: x, text", `
f.yaml:14: items[0].texts: unknown key; did you mean text?`},
	{"too many items", "items:\n", "items:\n" + strings.Repeat("  - {id: x, dimension: speed, text: {en: X}}\n", 298), `
f.yaml:13: items: 301 items; want at most 300`},
	{"validity is a number", "validity: {max_missing: 1, neutral: 3}", "validity: 1", `
f.yaml:17: validity: found "1"; want a mapping (key: value)`},
	{"target is text", "nps: -5", "nps: high", `
f.yaml:20: target.nps: found "high"; want a number from -100 to 100 with at most 6 decimals`},
	{"target of ces", "nps: -5", "ces: 8", `
f.yaml:20: target.ces: found "8"; want a number from 1 to 7 with at most 6 decimals`},
	{"gap as a target", "nps: -5", "servqual_gap: -2001", `
f.yaml:20: target.servqual_gap: found "-2001"; want a number from -2000 to 2000 with at most 6 decimals`},
	{"reason without code", "weight: 60}", "weight: 60, reasons: [{label: {en: Late}}]}", `
f.yaml:11: dimensions[0].reasons[0].code: missing; want 1 to 64 letters, digits and . _ -, starting with a letter or digit`},
	{"no reasons in the list", "weight: 60}", "weight: 60, reasons: []}", `
f.yaml:11: dimensions[0].reasons: found an empty list; want a list of reasons: {code: arrived_late, label: {en: Engineer arrived late}}`},
	{"a long line", "title: {en: Shop}", "title: {en: " + strings.Repeat("x", 5000) + "}", `
f.yaml: a line has more than 4096 bytes; break it up`},
	{"a large file", "title: {en: Shop}", strings.Repeat("# filled up\n", 22000) + "title: {en: Shop}", `
f.yaml: the file has 264663 bytes; at most 262144 are read`},
	{"several at once", good, "id: 'a b'\nversion: 1\nvalid_from: soon\ntitle: {en: ''}\nitem: []\n", `
f.yaml:1: id: "a b"; want 1 to 64 letters, digits and . _ -, starting with a letter or digit
f.yaml:3: valid_from: found "soon"; want a date such as 2025-01-31
f.yaml:4: title.en: empty; want text
f.yaml:5: item: unknown key; did you mean items?`},
}

func TestMistakes(t *testing.T) {
	for _, test := range mistakes {
		t.Run(test.name, func(t *testing.T) {
			mistaken(t, good, test.from, test.to, test.want)
		})
	}
}

// mistaken edits a good file and holds the messages that this leads to.
func mistaken(t *testing.T, file, from, to, want string) {
	t.Helper()
	text := strings.Replace(file, from, to, 1)
	if text == file {
		t.Fatalf("%q is not in the good file", from)
	}
	v, problems := Check("f.yaml", []byte(text))
	var got string
	if err := problems.Err(); err != nil {
		got = "\n" + err.Error()
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if (v == nil) != (got != "") {
		t.Errorf("version %v with problems %q", v, got)
	}
}
