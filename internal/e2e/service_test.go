package e2e

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/internal/generator"
	"github.com/rapport-project/rapport/internal/oracle"
	"github.com/rapport-project/rapport/schemas"
)

// TestNewSettingsReachOldOutcomes: another window, another limit and another version of a calendar, found at a restart, have everything that rests
// on them computed again.
func TestNewSettingsReachOldOutcomes(t *testing.T) {
	config, o := Settings(t)
	changed := folder(t, with(configFiles(), map[string]string{
		"tenants/default.yaml":   "service_level_seconds: 10\n",
		"tenants/kathmandu.yaml": "time_zone: Asia/Kathmandu\ncuts:\n  - [region, product]\nfcr_window_days: 10\nservice_level_seconds: 30\n",
		"calendars/shop-2.yaml": `{id: shop, version: 2, valid_from: 2026-03-01, title: {en: Shop, zh: 商店}, time_zone: America/New_York,
			week: {saturday: ["22:00-06:00"], sunday: ["09:00-17:00"]}}`,
	}))
	now := options(t)
	now.Tenants[plain] = oracle.Tenant{ServiceLevelSeconds: 10}
	now.Tenants[kathmandu] = oracle.Tenant{Zone: o.Tenants[kathmandu].Zone, Pairs: o.Tenants[kathmandu].Pairs, WindowDays: 10, ServiceLevelSeconds: 30}
	now.Tenants[newYork] = oracle.Tenant{Zone: o.Tenants[newYork].Zone, Pairs: o.Tenants[newYork].Pairs,
		Working: oracle.WorkingByMinutes(zone(t, "America/New_York"), secondShopShifts)}

	stories := 120
	if testing.Short() {
		stories = 45
	}
	events := generate(t, generator.Config{Seed: 31, Tenants: []string{plain, kathmandu, newYork}, Service: 1, Customers: 10}, stories)
	want, wantNow := Expect(t, events, o), Expect(t, events, now)
	differ := map[string]bool{}
	for _, d := range oracle.CompareOutcomes(want.Outcomes(), wantNow.Outcomes()) {
		differ[d.Tenant+" "+d.What] = true
	}
	for _, change := range []string{plain + " in_service_level", kathmandu + " fcr", newYork + " duration.working_micros"} {
		if !differ[change] {
			t.Fatalf("the events do not tell the old settings from the new ones: %s is the same", change)
		}
	}

	s := New(t, rapport, config)
	s.Up()
	s.publishRuns(events, 1, 31)
	s.Equals(want)
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	s.env = append(s.env, "RAPPORT_"+changed)
	s.Up()
	s.Equals(wantNow)
	s.Unaudited(t)
}

// TestWorkedExample7 is that of the metric catalogue in all six orders of arrival, each event twice and the figures standing in between: a tenant for each order.
func TestWorkedExample7(t *testing.T) {
	times := map[string]string{"monday": "2026-03-02T09:00:00Z", "thursday": "2026-03-05T10:00:00Z", "next-month": "2026-04-02T09:00:00Z"}
	orders := map[string][]string{
		"abc": {"monday", "thursday", "next-month"}, "acb": {"monday", "next-month", "thursday"}, "bac": {"thursday", "monday", "next-month"},
		"bca": {"thursday", "next-month", "monday"}, "cab": {"next-month", "monday", "thursday"}, "cba": {"next-month", "thursday", "monday"},
	}
	s := New(t, rapport)
	s.Up()
	client := s.Client()
	for i := range 6 {
		for tenant, order := range orders {
			id := order[i%3]
			e := Event{ID: id, Type: string(schemas.TypeContact), Tenant: tenant, Time: instant(t, times[id]),
				Data: map[string]any{"customer_id": "c", "issue": "pump", "direction": "inbound", "answered": true, "resolved": true}}
			s.Publish(client, e.StructuredRecord(schemas.TopicServiceEvents, "c"))
		}
		s.Drained()
	}
	want := map[string][]string{}
	for tenant := range orders {
		want[tenant] = []string{"monday first no repeat_contact 2", "thursday repeat   0", "next-month first yes  1", "3 contacts, 2 first, 1 resolved at first contact, 1 came back, 1 of one touch"}
	}
	got := map[string][]string{}
	collect := func(sql string) {
		t.Helper()
		rows, err := s.Conn().Query(context.Background(), sql)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var tenant, line string
			if err := rows.Scan(&tenant, &line); err != nil {
				t.Fatal(err)
			}
			got[tenant] = append(got[tenant], line)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	collect(`SELECT tenant, concat(id, if(is_first, ' first ', ' repeat '), fcr, ' ', fcr_reason, ' ', toString(episode))
		FROM rapport_store.contact_outcomes FINAL WHERE live ORDER BY tenant, occurred_at`)
	collect(fmt.Sprintf(`SELECT tenant, concat(%s, ' contacts, ', %s, ' first, ', %s, ' resolved at first contact, ', %s, ' came back, ', %s, ' of one touch')
		FROM rapport_store.contact_days FINAL WHERE cut = '' GROUP BY tenant`,
		total("contacts"), total("first_contacts"), total("resolved_first"), total("failed_repeat_contact"), total("one_touch")))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	s.Unaudited(t)
}

// total is SQL for the sum of a measure over days.
func total(measure string) string { return "toString(sum(arraySum(`cells." + measure + "`)))" }
