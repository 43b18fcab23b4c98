package imports

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/schemas"
)

// example imports one of the public files by the mapping that ships; nothing of it may be refused.
func example(t *testing.T, name, file string) []*schemas.Event {
	t.Helper()
	got := importFiles(t, Options{Mapping: load(t, "../examples/mappings/"+name), Files: []string{dataFile(t, file)}})
	if got.err != nil || got.Refused > 0 {
		t.Fatalf("%v, %d refused\n%s", got.err, got.Refused, got.refusals())
	}
	ids := map[string]bool{}
	events := got.parsed(t)
	for _, e := range events {
		if ids[e.ID] {
			t.Fatalf("two events have the id %s", e.ID)
		}
		ids[e.ID] = true
	}
	return events
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: %s", what, diff)
	}
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 0.00006 {
		t.Errorf("%s is %.5f, want %.4f", what, got, want)
	}
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// quantile is by linear interpolation.
func quantile(values []float64, q float64) float64 {
	slices.Sort(values)
	at := q * float64(len(values)-1)
	low := int(at)
	high := min(low+1, len(values)-1)
	return values[low] + (values[high]-values[low])*(at-float64(low))
}

// The figures of the public files, as far as events alone can tell them: those of the data's own page.
func TestCallCenterExample(t *testing.T) {
	events := example(t, "call_center.yaml", "call_center_dataset.csv.gz")
	var answered, resolved, chains, within20, within60 int
	var waits, scores []float64
	months := map[time.Month]int{}
	agents := map[string]int{}
	for _, e := range events {
		switch d := e.Data.(type) {
		case *schemas.Contact:
			months[e.Time.Month()]++
			if d.CustomerID == "" && d.CaseID == "" {
				chains++
			}
			if d.Resolved != nil && *d.Resolved {
				resolved++
			}
			if d.Answered {
				answered++
				waits = append(waits, *d.WaitSeconds)
				if *d.WaitSeconds <= 20 {
					within20++
				}
				if *d.WaitSeconds <= 60 {
					within60++
				}
				if d.TalkSeconds == nil {
					t.Errorf("%s talks for no time", e.ID)
				}
			} else if d.WaitSeconds != nil || d.TalkSeconds != nil {
				t.Errorf("%s was not answered and waits or talks", e.ID)
			}
		case *schemas.SurveyResponse:
			scores = append(scores, float64(*d.Answers[0].Score))
			agents[d.Attributes.Agent]++
		}
	}
	equal(t, "offered, chains, answered, resolved, within 20 s, within 60 s", []int{len(events) - len(scores), chains, answered, resolved, within20, within60}, []int{5000, 5000, 4054, 3646, 374, 1796})
	equal(t, "months", months, map[time.Month]int{1: 1772, 2: 1616, 3: 1612})
	equal(t, "agents", agents, map[string]int{"Becky": 517, "Dan": 523, "Diane": 501, "Greg": 502, "Jim": 536, "Joe": 484, "Martha": 514, "Stewart": 477})
	near(t, "asa", mean(waits), 67.5207)
	near(t, "mean rating", mean(scores), 3.4036)
}

func TestKservqualExample(t *testing.T) {
	events := example(t, "kservqual.yaml", "kservqual_long_utf8.csv.gz")
	var expectations, perceptions []float64
	for _, e := range events {
		d := e.Data.(*schemas.SurveyResponse)
		if len(d.Answers) != 24 || d.CustomerID == "" {
			t.Errorf("%s has %d answers", e.ID, len(d.Answers))
		}
		for _, a := range d.Answers {
			expectations, perceptions = append(expectations, float64(*a.Expectation)), append(perceptions, float64(*a.Score))
			if a.Importance == nil {
				t.Errorf("%s, %s has no importance", e.ID, a.Item)
			}
		}
	}
	equal(t, "respondents and pairs", []int{len(events), len(perceptions)}, []int{207, 4968})
	near(t, "E", mean(expectations), 5.9738)
	near(t, "P", mean(perceptions), 4.8718)
}

func TestBostonExample(t *testing.T) {
	events := example(t, "boston311.yaml", "boston311_2011h2.csv.gz")
	opened, due, resolved := map[string]time.Time{}, map[string]time.Time{}, map[string]time.Time{}
	channel := map[string]string{}
	closed := 0
	for _, e := range events {
		d := e.Data.(*schemas.Milestone)
		switch d.Milestone {
		case "requested":
			opened[d.CaseID] = e.Time
			channel[d.CaseID] = d.Attributes.Channel
			if at, ok := d.Due["resolved"]; ok {
				due[d.CaseID] = at
			}
		case "resolved":
			resolved[d.CaseID] = e.Time
		case "closed":
			closed++
		}
	}
	var hours []float64
	onTime, judged := 0, 0
	for id, at := range opened {
		end, done := resolved[id]
		if done {
			hours = append(hours, end.Sub(at).Hours())
		}
		if target, ok := due[id]; ok {
			judged++ // the files are old: what is open is past its target
			if done && !end.After(target) {
				onTime++
			}
		}
	}
	equal(t, "cases, resolved, closed, with target, on time", []int{len(opened), len(resolved), closed, judged, onTime}, []int{58251, 54570, 54570, 47270, 35591})
	near(t, "mean hours", mean(hours), 993.5984)
	near(t, "p90 hours", quantile(hours, 0.9), 1899.8494)
	near(t, "median hours", quantile(hours, 0.5), 22.1764)
}

func TestCFPBExample(t *testing.T) {
	events := example(t, "cfpb.yaml", "boa_consumer_complaints_2017_2023.csv.gz")
	opened, received := map[string]time.Time{}, map[string]time.Time{}
	timely := map[bool]int{}
	products, channels, months := map[string]int{}, map[string]int{}, map[string]int{}
	for _, e := range events {
		d := e.Data.(*schemas.Complaint)
		switch {
		case d.Phase == "opened":
			opened[d.ComplaintID] = e.Time
			products[d.Attributes.Product]++
			channels[d.Attributes.Channel]++
			months[e.Time.Format("2006-01")]++
		case d.Phase == "acknowledged":
			received[d.ComplaintID] = e.Time
		case d.Timely != nil && d.Phase == "":
			timely[*d.Timely]++
			if !strings.HasPrefix(d.Labels["company_response"], "Closed") {
				t.Errorf("%s has a verdict and is %s", d.ComplaintID, d.Labels["company_response"])
			}
		default:
			t.Errorf("%s is of no use", e.ID)
		}
	}
	var days []float64
	for id, at := range opened {
		days = append(days, received[id].Sub(at).Hours()/24)
	}
	equal(t, "opened and received", []int{len(opened), len(received)}, []int{62516, 62516})
	equal(t, "timely", timely, map[bool]int{true: 58619, false: 2403})
	equal(t, "channels", []int{channels["Web"], channels["Referral"], channels["Phone"]}, []int{45423, 10766, 4684})
	equal(t, "products", []int{products["Checking or savings account"], products["Mortgage"], products["Debt collection"]}, []int{24814, 6601, 2736})
	equal(t, "months", []int{len(months), months["2023-07"]}, []int{76, 1749})
	near(t, "mean days", mean(days), 1.2249)
	for q, want := range map[float64]float64{0.5: 0, 0.9: 2, 0.95: 5, 1: 275} {
		near(t, "days", quantile(days, q), want)
	}
}
