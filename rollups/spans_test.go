package rollups

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBundles(t *testing.T) {
	all := []string{"", "region", "org_unit", "product", "channel", "agent", "region,product"}
	for name, test := range map[string]struct {
		cuts   []string
		values map[string]uint64
		want   []string
	}{
		"unknown numbers of values": {
			all, nil,
			[]string{"region,product: region,product region product ", "org_unit: org_unit", "channel: channel", "agent: agent"},
		},
		"few values are gathered together": {
			all, map[string]uint64{"region": 10, "org_unit": 100, "product": 30, "channel": 5, "agent": 5000},
			[]string{"region,product: region,product product region ", "agent: agent", "org_unit,channel: org_unit channel"},
		},
		"overall alone": {[]string{""}, nil, []string{": "}},
	} {
		cuts, err := cutsByName(test.cuts)
		if err != nil {
			t.Fatal(err)
		}
		sets, used := bundles(cuts, test.values)
		var got []string
		for _, s := range sets {
			var names []string
			for _, c := range s.Cuts {
				names = append(names, c.Name)
			}
			got = append(got, strings.Join(s.Attributes, ",")+": "+strings.Join(names, " "))
			for i, a := range used {
				if in := s.Grouped&(1<<(len(used)-1-i)) == 0; in != strings.Contains(strings.Join(s.Attributes, ","), a) {
					t.Errorf("%s: %v is grouped as %b of %v", name, s.Attributes, s.Grouped, used)
				}
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestSpansRefuse(t *testing.T) {
	for _, test := range []struct {
		table string
		cuts  []string
	}{
		{"survey_facts", []string{""}}, {SatisfactionDays, nil}, {SatisfactionDays, []string{"country"}}, {SatisfactionDays, []string{"region,region"}},
		{SatisfactionDays, []string{"region", "region"}}, {SatisfactionDays, []string{"region); DROP TABLE x"}}, {SatisfactionDays, []string{"region,product,agent"}},
	} {
		if sql, err := Spans(test.table, test.cuts, nil); err == nil {
			t.Errorf("%s by %q: %s", test.table, test.cuts, sql)
		}
	}
}
