package imports

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

const survey = `source: /import/test
time: {zone: UTC}
events:
  - type: rapport.survey.response.v1
    gather: {by: [who], adjacent: %t}
    when: {column: kind, is: [P, E]}
    id: "{who}"
    time: "2025-01-01"
    data:
      questionnaire: rater-5
      comment: "{note}"
      answers: [{item: "{item}", score: {column: score, when: {column: kind, is: P}}, expectation: {column: score, when: {column: kind, is: E}}}]
`

const surveyHeader = "who,item,kind,score,note\n"

// ids and refusals of an import of rows.
func gatherRows(t *testing.T, adjacent bool, rows ...string) ([]string, result) {
	t.Helper()
	got := importText(t, mapping(t, fmt.Sprintf(survey, adjacent)), surveyHeader+strings.Join(rows, "\n"))
	var out []string
	for _, e := range got.parsed(t) {
		_, answers, _ := strings.Cut(got.events[len(out)], `"answers":`)
		out = append(out, e.ID+" "+answers)
	}
	return out, got
}

func TestGather(t *testing.T) {
	one := `1 [{"item":"reliability","score":4,"expectation":5},{"item":"empathy","score":3}]}}`
	two := `2 [{"item":"reliability","score":2}]}}`
	rows := []string{"1,reliability,P,4,", "2,reliability,P,2,", "1,reliability,E,5,good", "1,empathy,P,3,good", "2,empathy,S,1,"}
	got, r := gatherRows(t, false, rows...)
	if diff := cmp.Diff([]string{one, two}, got); diff != "" || r.Refused != 0 || r.Skipped != 1 || !strings.Contains(r.events[0], `"comment":"good"`) {
		t.Errorf("%s %+v", diff, r.Summary)
	}
	slices.Sort(rows)
	if got, r = gatherRows(t, true, rows...); len(got) != 2 || r.Refused != 0 {
		t.Errorf("%s %s", got, r.refusals())
	}
}

func TestGatheredRowsThatDisagree(t *testing.T) {
	for _, c := range []struct {
		adjacent bool
		rows     []string
		events   int
		want     string
	}{
		{false, []string{"1,empathy,P,3,a", "2,empathy,P,3,", "1,reliability,P,3,b"}, 1, `-:4: rapport.survey.response.v1: column "note" = "b": invalid_format at /data/comment: rows of one event disagree: "a" in line 2, and here "b"`},
		{false, []string{"1,empathy,P,3,", "1,empathy,P,4,"}, 0, `-:3: rapport.survey.response.v1: column "score" = "4": duplicate_item at /data/answers/0/score: item empathy has 3 from another row, and here 4`},
		{false, []string{"1,empathy,P,3,", "1,empathy,P,3,"}, 1, ""},
		{false, []string{"1,empathy,P,3,", "1,reliability,P,x,", "1,assurance,P,y,"}, 0, `-:3: rapport.survey.response.v1: column "score" = "x": wrong_type at /data/answers/0/score: "x" is no whole number`},
		{false, []string{"1,empathy,P,3,", "1,reliability,P,6,"}, 0, `-:2: (2 rows) rapport.survey.response.v1: column "score": out_of_range at /data/answers/1/score: 6 is off the scale of 1 to 5`},
		{true, []string{"1,empathy,P,3,", "2,empathy,P,3,", "1,reliability,P,3,"}, 2, `-:4: rapport.survey.response.v1: invalid_format: rows of one event are not adjacent, as the mapping says they are: sort the file by who, or leave adjacent out`},
	} {
		got, r := gatherRows(t, c.adjacent, c.rows...)
		if len(got) != c.events || strings.TrimSpace(r.refusals()) != c.want {
			t.Errorf("%s: %s\n%s", c.rows, got, r.refusals())
		}
	}
}

// However rows are shuffled, the same respondents have the same answers; sorted by respondent, adjacent gives the same.
func TestOrderOfRowsChangesNothing(t *testing.T) {
	items := []string{"reliability", "assurance", "tangibles", "empathy", "responsiveness"}
	rapid.Check(t, func(rt *rapid.T) {
		var rows []string
		for who := range rapid.IntRange(1, 6).Draw(rt, "respondents") {
			for _, item := range items {
				for _, kind := range []string{"P", "E", "S"} {
					rows = append(rows, fmt.Sprintf("%d,%s,%s,%d,", who, item, kind, rapid.IntRange(1, 5).Draw(rt, "score")))
				}
			}
		}
		facts := func(adjacent bool) []string {
			got := importText(t, mapping(t, fmt.Sprintf(survey, adjacent)), surveyHeader+strings.Join(rows, "\n"))
			if got.Refused > 0 {
				rt.Fatal(got.refusals())
			}
			var all []string
			for _, raw := range got.events {
				parts := strings.FieldsFunc(raw, func(c rune) bool { return strings.ContainsRune("[]{}", c) })
				slices.Sort(parts)
				all = append(all, strings.Join(parts, " "))
			}
			slices.Sort(all)
			return all
		}
		want := facts(true)
		seed := rapid.Uint64().Draw(rt, "seed")
		rand.New(rand.NewPCG(seed, 1)).Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		if diff := cmp.Diff(want, facts(false)); diff != "" {
			rt.Fatal(diff)
		}
	})
}

func TestGatheringIsBounded(t *testing.T) {
	for score, good := range map[string]int{"3": 2000, "x": 0} { // a refused event waits for the end as a good one does
		var b strings.Builder
		b.WriteString(surveyHeader)
		for i := range 2000 {
			fmt.Fprintf(&b, "%d,empathy,P,%s,\n", i, score)
		}
		for _, adjacent := range []bool{false, true} {
			got := importFiles(t, Options{Mapping: mapping(t, fmt.Sprintf(survey, adjacent)), Files: []string{"-"}, Stdin: strings.NewReader(b.String()), GatherBytes: 100 << 10})
			var many *TooManyGatheredError
			if errors.As(got.err, &many) == adjacent || adjacent && got.Published != good || !adjacent && got.Published != 0 {
				t.Errorf("score %s, adjacent %t: %v, %d published", score, adjacent, got.err, got.Published)
			}
		}
	}
}

// The memory of events that wait is counted by their texts, so none of these may be a part of a row, which it would keep as a whole.
func TestWhatGathersLetsGoOfItsRows(t *testing.T) {
	m := mapping(t, strings.Replace(fmt.Sprintf(survey, false), "comment:", `resolved_first_contact: "{note}"
      comment:`, 1))
	line := strings.Clone("1,empathy,P,3,true")
	r := row{line: 2}
	for _, c := range m.columns {
		r.cells = append(r.cells, strings.Split(line, ",")[slices.Index(strings.Split(strings.TrimSpace(surveyHeader), ","), c.name)])
	}
	d, refused := m.events[0].draft(r, m)
	if refused != nil {
		t.Fatal(refused)
	}
	if _, err := newGatherer(m, m.events[0], 1<<20).add(r, d, nil); err != nil {
		t.Fatal(err)
	}
	begin := uintptr(unsafe.Pointer(unsafe.StringData(line)))
	for _, s := range slices.Concat([]string{d.id, d.time, d.answers[0].item}, d.fields, d.answers[0].values[:]) {
		if at := uintptr(unsafe.Pointer(unsafe.StringData(s))); s != "" && at >= begin && at < begin+uintptr(len(line)) {
			t.Errorf("%q is part of its row", s)
		}
	}
	if d.at.cells != nil {
		t.Error("its cells are kept")
	}
}

// Half a file must not make half an event.
func TestBrokenFileMakesNoHalfEvents(t *testing.T) {
	text := surveyHeader + "1,empathy,P,3,\n2,empathy,P,3,\n2,assurance,P,3,\n3,empathy,P,\"" + strings.Repeat("x\n", maxRecordBytes)
	for adjacent, want := range map[bool]int{false: 0, true: 1} {
		got := importFiles(t, Options{Mapping: mapping(t, fmt.Sprintf(survey, adjacent)), Files: []string{"-"}, Stdin: strings.NewReader(text)})
		if got.err == nil || got.Published != want {
			t.Errorf("adjacent %t: %v, %d published", adjacent, got.err, got.Published)
		}
	}
}
