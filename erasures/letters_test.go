package erasures

import "testing"

func TestRecordsAbout(t *testing.T) {
	for _, tc := range []struct {
		name      string
		r         record
		customer  string
		want      bool
		isDefault bool
		nobody    bool
	}{
		{name: "named in data", r: record{value: `{"data":{"customer_id":"c-1"}}`}, customer: "c-1", want: true},
		{name: "named as data of a binary event", r: record{value: `{"customer_id":"c-1","nps":11}`}, customer: "c-1", want: true},
		{name: "named by a careless number", r: record{value: `{"data":{"customer_id":17}}`}, customer: "17", want: true},
		{name: "subject", r: record{value: `{"subject":"c-1"}`}, customer: "c-1", want: true},
		{name: "escaped", r: record{value: `{"customer_id":"\u0063-1"}`}, customer: "c-1", want: true},
		{name: "after arrays and objects", r: record{value: `{"a":[{"b":[1,2]},{}],"data":{"answers":[{"item":"x"}],"customer_id":"c-1"}}`}, customer: "c-1", want: true},
		{name: "another customer", r: record{value: `{"data":{"customer_id":"c-12","comment":"c-1"}}`}, customer: "c-1"},
		{name: "id as a value of another member", r: record{value: `{"data":{"customer_id":"c-2","region":"c-1"}}`}, customer: "c-1"},
		{name: "id as a name", r: record{value: `{"data":{"c-1":"customer_id"}}`}, customer: "c-1"},
		{name: "key", r: record{key: "c-1", value: `{}`}, customer: "c-1", want: true},
		{name: "header", r: record{headers: map[string]string{"ce_subject": "c-1"}, value: `{}`}, customer: "c-1", want: true},
		{name: "no JSON", r: record{value: "score=8&customer=c-1"}, customer: "c-1", want: true},
		{name: "no JSON, longer id", r: record{value: "score=8&customer=c-12"}, customer: "c-1"},
		{name: "no JSON, id within a word", r: record{value: "abc-1 c-1x"}, customer: "c-1"},
		{name: "no JSON, second place", r: record{value: "c-12 c-1"}, customer: "c-1", want: true},
		{name: "cut off before the end", r: record{value: `{"data":{"comment":"c-1 was`}, customer: "c-1", want: true},
		{name: "not UTF-8", r: record{value: "{\"customer_id\":\"c-1\",\"comment\":\"g\xfct\"}"}, customer: "c-1", want: true},
		{name: "empty", r: record{}, customer: "c-1"},
		{name: "an id of characters without ASCII", r: record{value: "顾客，华东-7。"}, customer: "华东-7", want: true},
		{name: "of the tenant", r: record{tenant: "acme", value: "x"}, want: true},
		{name: "of nobody, and names the tenant", r: record{value: `{"tenant":"acme"`}, want: true},
		{name: "readable, of nobody, so that it is the default tenant's", r: record{value: `{"data":{"customer_id":"c-1"}}`}, customer: "c-1", nobody: true},
		{name: "readable, of nobody, of the default tenant's customer", r: record{value: `{"data":{"customer_id":"c-1"}}`}, customer: "c-1", nobody: true, isDefault: true, want: true},
		{name: "readable, of nobody, with the customer as key", r: record{key: "c-1", value: `{}`}, customer: "c-1", nobody: true},
		{name: "unreadable, of nobody", r: record{value: `{"data":{"customer_id":"c-1"`}, customer: "c-1", nobody: true, want: true},
		{name: "readable, of nobody, with the tenant's name in it", r: record{value: `{"comment":"acme"}`}},
		{name: "of nobody", r: record{value: "x"}},
		{name: "of nobody, which is the default tenant's", r: record{value: "x"}, isDefault: true, want: true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			defaultTenant := "default"
			if tc.isDefault {
				defaultTenant = "acme"
			}
			if tc.customer != "" && !tc.nobody {
				tc.r.tenant = "acme"
			}
			if got := tc.r.about(Subject{"acme", tc.customer}, defaultTenant); got != tc.want {
				t.Errorf("got %t, want %t", got, tc.want)
			}
		})
	}
}

// FuzzNamedIn: no bytes break it, and what encoding/json can read it can.
func FuzzNamedIn(f *testing.F) {
	for _, s := range []string{`{"customer_id":"c-1"}`, `[{"subject":1},{"a":[]}]`, `{"a":{"customer_id":`, "", "}", `{"a" "b"}`, "\xff"} {
		f.Add(s, "c-1")
	}
	f.Fuzz(func(t *testing.T, value, id string) {
		named, _ := namedIn(value, id)
		if named && id != "" && value == "" {
			t.Error("named in nothing")
		}
	})
}
