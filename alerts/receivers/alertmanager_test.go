package receivers

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAlertmanagerPosts(t *testing.T) {
	address, posts := serve(t, ok)
	a, err := NewAlertmanager(AlertmanagerOptions{Address: Address{URL: address + "/prefix/", Trusted: true}})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	now := drop(Firing).At.Add(10 * time.Second)
	a.now = func() time.Time { return now }
	for _, transition := range []string{Firing, Resolved, Corrected} {
		if transition != Firing {
			now = drop(transition).At.Add(10 * time.Second)
		}
		if err := a.Send(t.Context(), drop(transition)); err != nil {
			t.Fatal(err)
		}
		got := <-posts
		if got.path != "/prefix/api/v2/alerts" || got.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %s", got.path, got.header)
		}
		golden(t, "alertmanager_"+transition+".json", indented(t, got.body))
	}
}

// TestAlertmanagerKnowsOneAlert: through its life and repetitions the labels and the start are the same, and only what is over has an end that is past.
func TestAlertmanagerKnowsOneAlert(t *testing.T) {
	address, posts := serve(t, ok)
	a, err := NewAlertmanager(AlertmanagerOptions{Address: Address{URL: address, Trusted: true}})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	now := drop(Firing).At
	a.now = func() time.Time { return now }
	var first postable
	for i, n := range []Notification{drop(Firing), drop(Firing), drop(Resolved), drop(Corrected)} {
		now = now.Add(time.Minute)
		if err := a.Repeat(t.Context(), []Notification{n}); err != nil {
			t.Fatal(err)
		}
		var got []postable
		if err := json.Unmarshal((<-posts).body, &got); err != nil || len(got) != 1 {
			t.Fatalf("%v %v", got, err)
		}
		if i == 0 {
			first = got[0]
		}
		if diff := cmp.Diff(first.Labels, got[0].Labels); diff != "" || got[0].StartsAt != first.StartsAt {
			t.Errorf("%s: another alert: %s", n.Transition, diff)
		}
		ends, err := time.Parse(time.RFC3339Nano, got[0].EndsAt)
		if err != nil {
			t.Fatal(err)
		}
		if over := !ends.After(now); over != (n.Transition != Firing) {
			t.Errorf("%s ends at %s, now is %s", n.Transition, ends, now)
		}
	}
	// Whatever the clocks say, an alert that is over has an end that is not before its start.
	n := drop(Resolved)
	n.EndsAt = ptr(n.StartsAt.Add(-time.Hour))
	if err := a.Send(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	var got []postable
	if err := json.Unmarshal((<-posts).body, &got); err != nil || got[0].EndsAt != got[0].StartsAt {
		t.Errorf("%v %v", got, err)
	}
}

// TestAlertmanagerHearsNoCorrectionOfWhatIsOver: it would end the alert that fires now under the same labels.
func TestAlertmanagerHearsNoCorrectionOfWhatIsOver(t *testing.T) {
	address, posts := serve(t, ok)
	a, err := NewAlertmanager(AlertmanagerOptions{Address: Address{URL: address, Trusted: true}})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	over := drop(Corrected)
	over.Over = true
	for _, n := range []Notification{over, drop(Firing)} {
		if err := a.Send(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	var got []postable
	if err := json.Unmarshal((<-posts).body, &got); err != nil || got[0].Annotations["corrected"] != "" {
		t.Errorf("%v %v", got, err)
	}
}

func TestLabelNames(t *testing.T) {
	for name, want := range map[string]string{"severity": "severity", "org-unit": "org_unit", "1st": "_1st", "": "_", "组": "_", "a.b": "a_b"} {
		if got := labelName(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}
