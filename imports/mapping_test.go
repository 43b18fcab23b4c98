package imports

import (
	"encoding/json"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/schemas"
)

// TestMistakes: each with its line, its field and what is wanted, all at once.
func TestMistakes(t *testing.T) {
	const bad = `source: two words
file: {format: csv, separator: ab, encoding: klingon}
blanks: yes
aliases: {nowhere: [x]}
time: {zone: Mars/Olympus, layouts: ["%H:%M"]}
maps:
  yn: {Y: true, N: false}
common: {attributes: {regoin: "{a}"}}
events:
  - type: rapport.contact.v2
  - type: rapport.contact.v1
    id: constant
    time: tomorrow
    when: {column: a}
    data:
      direction: sideways
      answered: {column: a, map: nobody}
      resolved: {column: a, map: yn, otherwise: shrug}
      wait_seconds: {column: a, unit: days}
      hold_seconds: {column: a, value: "{b}"}
      customer_id: {column: a, unit: hours, otherwise: keep}
  - type: rapport.milestone.v1
    id: "{a}"
    time: "{t}"
    data: {milestone: {column: a, map: {x: opened}}, due: {opened: "{t}"}}
  - type: rapport.survey.response.v1
    id: "{a}"
    time: "{t}"
    gather: {by: [b]}
    data:
      questionnaire: q
      nps: eleven
      answers:
        - {item: "{i}"}
        - {score: "{s}"}
`
	want := `m.yaml:1: source: "two words"; want where the rows are from, a URI-reference such as /import/call-center
m.yaml:2: file.separator: "ab"; want one character such as ";", or tab
m.yaml:2: file.encoding: "klingon" is no encoding; want such as utf-8, windows-1252, gb18030, big5, utf-16le
m.yaml:3: blanks: found "yes"; want a list of texts that mean nothing was said: ["", "N/A", "-"]
m.yaml:4: aliases.nowhere: nothing is made of column "nowhere"; want the name that the mapping uses, and what else the column is called
m.yaml:5: time.zone: "Mars/Olympus" is no time zone; want the zone that times without one are of, such as America/New_York or UTC
m.yaml:5: time.layouts[0]: the layout does not tell a whole day; want at least year, month and day, such as %Y-%m-%d
m.yaml:8: common.attributes.regoin: unknown key; did you mean region?
m.yaml:10: events[0].type: found "rapport.contact.v2"; want one of rapport.survey.response.v1, rapport.survey.invitation.v1, rapport.complaint.v1, rapport.contact.v1, rapport.milestone.v1
m.yaml:10: events[0].id: missing; want what names the event for ever, such as "{number}" or {hash: [number, opened]}
m.yaml:10: events[0].time: missing; want when it happened, such as "{opened}" or "{date} {time}"
m.yaml:12: events[1].id: the same for every row; want what names the event for ever, such as "{number}" or {hash: [number, opened]}
m.yaml:13: events[1].time: "tomorrow" is no time of the layouts %H:%M
m.yaml:14: events[1].when: want one of present: true or false, is: a word or a list, is_not: a word or a list
m.yaml:16: events[1].data.direction: "sideways" is none of inbound, outbound; a map turns other words into them
m.yaml:17: events[1].data.answered.map: there is no map "nobody"; want one of those under maps, or a map here: {Y: true, N: false}
m.yaml:18: events[1].data.resolved.otherwise: found "shrug"; want one of refuse, keep, blank
m.yaml:19: events[1].data.wait_seconds.unit: found "days"; want one of seconds, milliseconds, minutes, hours, h:mm:ss, m:ss
m.yaml:20: events[1].data.hold_seconds: want one of column: a name, value: a text such as "{date} {time}", hash: a list of columns
m.yaml:21: events[1].data.customer_id.unit: it says nothing about this field; leave it out
m.yaml:21: events[1].data.customer_id.otherwise: there is no map; leave it out
m.yaml:25: events[2].data.due.opened: unknown key; did you mean reopened?
m.yaml:25: events[2].data.case_id: missing; want a value; rapport.milestone.v1 cannot do without it
m.yaml:25: events[2].data.milestone.map.x: "opened" is none of requested, acknowledged, responded, dispatched, arrived, parts_ordered, parts_arrived, resolved, closed, reopened; a map turns other words into them
m.yaml:26: events[3]: its id is made as that of events[2], and a row can become both; want an id of its own, such as "closed-{number}"
m.yaml:29: events[3].gather: id needs column "a", in which gathered rows may differ; want an id made of columns in by
m.yaml:32: events[3].data.nps: "eleven" is no whole number
m.yaml:34: events[3].data.answers[0]: nothing is answered; want one of score, expectation, importance, reasons, comment at least
m.yaml:35: events[3].data.answers[1].item: missing; want the item of the questionnaire`
	m, problems := Check("m.yaml", []byte(bad))
	if m != nil {
		t.Error("a bad mapping is given back")
	}
	got := strings.Split(problems.Error(), "\n")
	lines := strings.Split(want, "\n")
	slices.Sort(got)
	slices.Sort(lines)
	if diff := cmp.Diff(lines, got); diff != "" {
		t.Error(diff)
	}
}

// TestShapesAreTheContract: what a mapping may say of each type is what the JSON Schemas have.
func TestShapesAreTheContract(t *testing.T) {
	type schema struct {
		Enum       []any
		Type       any
		Required   []string
		Properties map[string]schema
		Items      *schema
	}
	for _, kind := range schemas.Types() {
		text, err := fs.ReadFile(schemas.Contract(), "json/"+string(kind)+".schema.json")
		if err != nil {
			t.Fatal(err)
		}
		var document struct {
			Defs map[string]schema `json:"$defs"`
			schema
		}
		if err := json.Unmarshal(text, &document); err != nil {
			t.Fatal(err)
		}
		data := document.Properties["data"]
		if data.Properties == nil {
			data = document.Defs["data"]
		}
		if data.Properties == nil {
			t.Fatalf("%s: no data in the schema", kind)
		}
		s := shapeOf(kind)
		mine := slices.Concat(s.order, []string{"attributes", "labels"})
		if s.due != nil {
			mine = append(mine, "due")
			if diff := cmp.Diff(slices.Sorted(slices.Values(s.due)), slices.Sorted(maps.Keys(data.Properties["due"].Properties))); diff != "" {
				t.Errorf("%s, due: %s", kind, diff)
			}
		}
		if s.answers {
			mine = append(mine, "answers")
		}
		if diff := cmp.Diff(slices.Sorted(maps.Keys(data.Properties)), slices.Sorted(slices.Values(mine))); diff != "" {
			t.Errorf("%s: the contract (-) and the mapping (+) differ:\n%s", kind, diff)
		}
		for name, f := range s.fields {
			var words []string
			for _, w := range data.Properties[name].Enum {
				if w, ok := w.(string); ok {
					words = append(words, w)
				}
			}
			if diff := cmp.Diff(words, f.words); diff != "" {
				t.Errorf("%s, %s: %s", kind, name, diff)
			}
		}
	}
}
