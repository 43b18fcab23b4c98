package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// alertsListed: the newest first, in pages, of the tenant and the state asked for.
func alertsListed(t *testing.T, s server, conn driver.Conn) {
	for i, a := range []struct{ tenant, id, transition, fired, at string }{
		{"acme", "a1", "firing", "2026-03-01T10:00:00Z", "2026-03-01T10:00:00Z"}, {"acme", "a1", "resolved", "2026-03-01T10:00:00Z", "2026-03-01T11:00:00Z"},
		{"acme", "a2", "firing", "2026-03-02T10:00:00Z", "2026-03-02T10:00:00Z"}, {"acme", "a3", "firing", "2026-03-02T10:00:00Z", "2026-03-02T10:00:00Z"},
		{"other", "b1", "firing", "2026-03-02T10:30:00Z", "2026-03-02T10:30:00Z"},
	} {
		told := fmt.Sprintf(`{"alert_id":%q,"alert":"satisfaction is low","transition":%q,"at":%q,"started_at":%q,"fired_at":%[4]q,"as_of":%[4]q,"metric":"csat_top2","value":61.5,"n":40,
			"threshold":80,"bound":"below","labels":{"severity":"page"},"movers":[{"cut":"region","cut_value":"north","value":40,"previous_value":90,"n":10,"previous_n":12,"contribution":-20.5}]}`,
			a.id, a.transition, a.at, a.fired)
		err := conn.Exec(t.Context(), `INSERT INTO rapport_store.alert_states SELECT {tenant:String}, 'group', {slot:Int64}, toDateTime64(0, 3, 'UTC'), 0, '', [{told:String}]`,
			driver.NamedValue{Name: "tenant", Value: a.tenant}, driver.NamedValue{Name: "slot", Value: fmt.Sprint(i + 1)}, driver.NamedValue{Name: "told", Value: told})
		if err != nil {
			t.Fatal(err)
		}
	}
	type list struct {
		Alerts []struct {
			ID         string     `json:"alert_id"`
			ResolvedAt *time.Time `json:"resolved_at"`
			Movers     []struct {
				CutValue string `json:"cut_value"`
			}
			Labels map[string]string
		}
		Next *string
	}
	for target, want := range map[string]string{
		"": "a3 a2 a1", "?state=firing": "a3 a2", "?state=resolved": "a1", "?state=corrected": "", "?from=2026-03-02T00:00:00Z": "a3 a2", "?limit=2": "a3 a2 …",
	} {
		var l list
		s.answer(&l, "/v1/alerts"+target)
		var ids []string
		for _, a := range l.Alerts {
			ids = append(ids, a.ID)
			if a.Movers[0].CutValue != "north" || a.Labels["severity"] != "page" || (a.ResolvedAt != nil) != (a.ID == "a1") {
				t.Errorf("%+v", a)
			}
		}
		if l.Next != nil {
			ids = append(ids, "…")
			var rest list
			s.answer(&rest, "/v1/alerts"+target+"&cursor="+*l.Next)
			if len(rest.Alerts) != 1 || rest.Alerts[0].ID != "a1" || rest.Next != nil {
				t.Errorf("the next page: %+v", rest)
			}
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("%s: %s, want %s", target, got, want)
		}
	}
}
