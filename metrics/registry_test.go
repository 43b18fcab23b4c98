package metrics

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

// catalogue are the metrics that users know, in their order.
const catalogue = `satisfaction_index dimension_score item_score csat_top2 level_share score_share satisfied_customer_rate nps ces
	servqual_gap servqual_weighted_gap gap_by_role importance performance ipa_quadrant reason_share response_rate coverage target_gap target_moves rank
	fcr fcr_confirmed fcr_low fcr_flagged fcr_no_repeat fcr_one_touch fcr_customer fcr_failures repeat_contact_rate recontact_days contacts_per_case reopen_rate
	answer_rate abandon_rate service_level asa aht volume first_response arrival parts resolution on_time_rate overdue_open
	complaints complaint_rate major_share complaint_timely_rate repeat_complaint_rate complaint_reopen_rate complaint_reason_share complaint_reason_cumulative handling_score
	time_to_first_response time_to_resolution complaint_on_time_rate`

func TestAll(t *testing.T) {
	var names []string
	for _, m := range All() {
		names = append(names, m.Name)
		if found, ok := ByName(m.Name); !ok || found.Name != m.Name {
			t.Errorf("ByName(%q) = %q, %v", m.Name, found.Name, ok)
		}
	}
	if diff := cmp.Diff(strings.Fields(catalogue), names); diff != "" {
		t.Errorf("metrics (-want +got):\n%s", diff)
	}
	if _, ok := ByName("unknown"); ok {
		t.Error("a metric that is not there was found")
	}
}

// TestDefinitionsAreWhole: a metric is not done without its words, in both languages.
func TestDefinitionsAreWhole(t *testing.T) {
	labels := make(map[Text]string)
	for _, m := range All() {
		for what, text := range map[string]string{
			"formula": m.Formula, "denominator": m.Denominator, "label": m.Label.En, "Chinese label": m.Label.Zh, "section": m.Section, "unit": string(m.Unit), "kind": string(m.Kind),
		} {
			if text == "" {
				t.Errorf("%s has no %s", m.Name, what)
			}
		}
		if !strings.ContainsFunc(m.Label.Zh, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			t.Errorf("%s: the Chinese label is %q", m.Name, m.Label.Zh)
		}
		if m.Version < 1 {
			t.Errorf("%s has version %d", m.Name, m.Version)
		}
		if (m.Points == nil) != (m.Name == "rank") || (len(m.Rests) == 0) != (m.Name == "rank") {
			t.Errorf("%s: only a rank is made of other figures", m.Name)
		}
		if other, taken := labels[m.Label]; taken {
			t.Errorf("%s has the label of %s", m.Name, other)
		}
		labels[m.Label] = m.Name
	}
}

// TestStatements: every metric but those made of others has its file, and there is no file without a metric.
func TestStatements(t *testing.T) {
	files, err := fs.Glob(sqlFiles, "sql/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, m := range All() {
		if m.Points != nil {
			want = append(want, "sql/"+m.Name+".sql")
		}
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, files); diff != "" {
		t.Errorf("statements (-want +got):\n%s", diff)
	}
}

// TestNothingObserved: without observations there is no figure, but a count, which is 0.
func TestNothingObserved(t *testing.T) {
	for _, m := range All() {
		if m.Points == nil {
			continue
		}
		for _, p := range m.Points(&States{}, nil) {
			value, known := p.Sample.Value()
			if m.Unit != Count || !known || value != 0 {
				t.Errorf("%s of nothing: %+v", m.Name, p)
			}
		}
	}
}
