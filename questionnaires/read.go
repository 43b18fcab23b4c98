package questionnaires

import (
	"regexp"

	"github.com/rapport-project/rapport/internal/yamlfile"
)

// Bounds of what a file may state.
const (
	maxItems    = 300
	maxScale    = 1000
	maxWeight   = 1_000_000
	percent     = 100
	npsFloor    = -100
	wantID      = "1 to 64 letters, digits and . _ -, starting with a letter or digit"
	wantItems   = "a list of items: {id: speed, text: {en: How fast were we?}}"
	wantTitle   = "text such as {en: After-sales survey}"
	wantLevels  = "the lowest answer of each level: {very_satisfied: 9, satisfied: 7, neutral: 5, dissatisfied: 3}"
	wantReasons = "a list of reasons: {code: arrived_late, label: {en: Engineer arrived late}}"
)

// Check reads one file and answers every mistake in it, or the version that it defines; name is only for messages.
func Check(name string, text []byte) (*Version, yamlfile.Problems) {
	file := yamlfile.Parse(name, text)
	r := reader{ids: regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)}
	version := r.version(file.Root())
	if problems := file.Problems(); len(problems) > 0 {
		return nil, problems
	}
	if err := version.compile(); err != nil {
		file.Root().Fail("%s", err)
		return nil, file.Problems()
	}
	return version, nil
}

// reader turns the values of a file into a version; what is wrong is noted in the file.
type reader struct{ ids *regexp.Regexp }

func (r reader) version(root yamlfile.Value) *Version {
	o := root.Object("id", "version", "valid_from", "title", "scale", "dimensions", "ahp", "items", "validity", "index_levels",
		"satisfied_threshold", "target")
	v := &Version{ID: r.id(o.Get("id")), Version: r.id(o.Get("version")), Title: r.text(o.Get("title"), wantTitle)}
	if at := o.Get("valid_from"); at.Required("the date from which the version holds, such as 2025-01-31") {
		v.ValidFrom, _ = at.Date()
	}
	v.Targets = targets(o.Get("target"))
	items := o.Get("items")
	if !items.Exists() {
		for _, key := range []string{"scale", "dimensions", "ahp", "validity", "index_levels", "satisfied_threshold"} {
			if part := o.Get(key); part.Exists() {
				part.Fail("there is nothing to score without items; add items, or leave %s out", key)
			}
		}
		return v
	}
	v.Scale = r.scale(o.Get("scale"))
	r.questions(v, o.Get("dimensions"), items, o.Get("ahp"))
	v.validity(o.Get("validity"))
	v.IndexLevels = indexLevels(o.Get("index_levels"), v.Scale.Normalisation)
	v.SatisfiedThreshold = v.IndexLevels[1]
	if threshold, ok := o.Get("satisfied_threshold").Decimal(0, percent); ok {
		v.SatisfiedThreshold = threshold
	}
	return v
}

func (r reader) id(v yamlfile.Value) string {
	if !v.Required(wantID) {
		return ""
	}
	id, ok := v.Text()
	if ok && !r.ids.MatchString(id) {
		v.Fail("%.80q; want %s", id, wantID)
	}
	return id
}

// text reads {en: ..., zh: ...}; English is required, Chinese falls back to it.
func (r reader) text(v yamlfile.Value, want string) Text {
	if !v.Required(want) {
		return Text{}
	}
	o := v.Object("en", "zh")
	var t Text
	o.Get("en").Required("the English text")
	t.En, _ = o.Get("en").Text()
	t.Zh, _ = o.Get("zh").Text()
	if t.Zh == "" {
		t.Zh = t.En
	}
	return t
}

func (r reader) scale(v yamlfile.Value) Scale {
	if !v.Required("{min: 1, max: 10, normalisation: ratio, levels: {...}}") {
		return Scale{}
	}
	o := v.Object("min", "max", "normalisation", "levels")
	var s Scale
	bounds := 0
	for _, bound := range []struct {
		key string
		to  *int16
	}{{"min", &s.Min}, {"max", &s.Max}} {
		at := o.Get(bound.key)
		at.Required("a whole number")
		if n, ok := at.Int(-maxScale, maxScale); ok {
			*bound.to = int16(n)
			bounds++
		}
	}
	normalisation := o.Get("normalisation")
	normalisation.Required("ratio (x / max) or range ((x - min) / (max - min))")
	kind, _ := normalisation.OneOf(string(Ratio), string(Range))
	s.Normalisation = Normalisation(kind)
	levels := o.Get("levels")
	levels.Required(wantLevels)
	if bounds < 2 {
		return s
	}
	if s.Max <= s.Min || s.Max < 1 {
		o.Get("max").Fail("found %d; want more than min, which is %d, and at least 1", s.Max, s.Min)
		return s
	}
	if s.Normalisation == Ratio && s.Min < 0 {
		o.Get("min").Fail("found %d; want 0 or more with ratio, so that scores lie in 0..100; or normalisation: range", s.Min)
	}
	s.Levels = answerLevels(levels, s)
	return s
}

func answerLevels(v yamlfile.Value, s Scale) AnswerLevels {
	var lows AnswerLevels
	readLevels(v, func(i int, at yamlfile.Value) (Decimal, bool) {
		low, ok := at.Int(int(s.Min), int(s.Max))
		lows[i] = int16(low)
		return yamlfile.Whole(int64(low)), ok
	})
	return lows
}

func indexLevels(v yamlfile.Value, n Normalisation) IndexLevels {
	const want = "the lowest index of each level, as {very_satisfied: 90, satisfied: 70, neutral: 50, dissatisfied: 30}"
	if n == Range && !v.Required(want+"; there is no default with normalisation: range") || !v.Exists() {
		return defaultIndexLevels()
	}
	var lows IndexLevels
	readLevels(v, func(i int, at yamlfile.Value) (low Decimal, ok bool) {
		lows[i], ok = at.Decimal(0, percent)
		return lows[i], ok
	})
	return lows
}

// readLevels reads the lower bounds of the first four levels, which must not rise.
func readLevels(v yamlfile.Value, read func(int, yamlfile.Value) (Decimal, bool)) {
	levels := bounded()
	keys := make([]string, len(levels))
	for i, level := range levels {
		keys[i] = string(level)
	}
	o := v.Object(keys...)
	var above string
	var last Decimal
	for i, key := range keys {
		at := o.Get(key)
		at.Required("the lower bound of the level (very_dissatisfied is what lies below dissatisfied)")
		low, ok := read(i, at)
		if !ok {
			continue
		}
		if above != "" && low.Cmp(last) > 0 {
			at.Fail("found %s; want at most %s, the bound of %s", low, last, above)
		}
		above, last = key, low
	}
}

func (v *Version) validity(at yamlfile.Value) {
	o := at.Object("max_missing", "neutral", "expectation")
	expectation, _ := o.Get("expectation").OneOf("optional", "required")
	v.ExpectationRequired = expectation == "required"
	if len(v.Items) == 0 || v.Scale.Max <= v.Scale.Min {
		return // what is wrong there has been said
	}
	missing, neutral := o.Get("max_missing"), o.Get("neutral")
	count, ok := missing.Int(0, len(v.Items)-1)
	v.MaxMissing = count
	switch {
	case count > 0:
		neutral.Required("the answer that a missing one counts as")
	case neutral.Exists() && ok:
		neutral.Fail("no item may be missing; want max_missing of 1 or more, or no neutral")
	case neutral.Exists():
		missing.Required("how many items may be missing and count as neutral")
	}
	if n, ok := neutral.Int(int(v.Scale.Min), int(v.Scale.Max)); ok {
		v.Neutral = int16(n)
	}
}

// targets reads metric: value; the metrics are those of metrics.md that have one value for a questionnaire.
func targets(at yamlfile.Value) []Target {
	o := at.Object("satisfaction_index", "dimension_score", "satisfied_customer_rate", "csat_top2", "nps", "ces", "servqual_gap")
	var all []Target
	for _, metric := range o.Keys() {
		low, high := 0, percent
		switch metric {
		case "nps":
			low = npsFloor
		case "ces":
			low, high = 1, 7
		case "servqual_gap":
			low, high = -2*maxScale, 2*maxScale
		}
		if value, ok := o.Get(metric).Decimal(low, high); ok {
			all = append(all, Target{Metric: metric, Value: value})
		}
	}
	return all
}
