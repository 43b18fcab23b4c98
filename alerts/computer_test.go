package alerts

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/questionnaires"
	"github.com/rapport-project/rapport/rolling"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
	"github.com/rapport-project/rapport/store/storetest"
)

// facts writes the responses of a fake as facts; each has its number as id, so that they can be written again with others.
func facts(t *testing.T, conn driver.Conn, tenant string, all []response) {
	t.Helper()
	var b sinks.Batch
	for i, r := range all {
		level, index := "satisfied", int64(80)
		if !r.good {
			level, index = "dissatisfied", 40
		}
		b.Responses = append(b.Responses, schemas.SurveyFact{
			Identity: schemas.Identity{Tenant: tenant, Hour: r.at.Truncate(time.Hour), Source: "app", ID: fmt.Sprint(i)}, Version: schemas.Version{Payload: 1},
			OccurredAt: r.at, Questionnaire: "after-sales-10", QuestionnaireVersion: "1", Role: "customer", CustomerID: fmt.Sprint("c", i),
			AttributeColumns: schemas.AttributeColumns{Region: r.values["region"], Product: r.values["product"], Channel: r.values["channel"]},
			Valid:            true, IndexNum: index, IndexDen: 1, Level: level, ScaleSpan: 10,
		})
	}
	if err := sinks.NewClickHouse(conn, sinks.Config{}, nil).Write(context.Background(), b); err != nil {
		t.Fatal(err)
	}
}

// TestStoryOfFacts: on facts in the store, the real figures make the evaluator tell what it tells on those of the tests, and a backtest over them tells it
// again. Late answers take it back.
func TestStoryOfFacts(t *testing.T) {
	conn := storetest.Start(t)
	s := settings{"t": pairs["acme"]}
	r, f, now, end := slowly(t, s)
	facts(t, conn, "t", f.responses["t"])
	catalog, err := questionnaires.Load(questionnaires.Shipped(), "")
	if err != nil {
		t.Fatal(err)
	}
	computer := rolling.New(rolling.Options{Conn: conn, Settings: s, Questionnaires: catalog, Log: zerolog.Nop()})
	agree(t, f, computer, r.Groups[0], now.Add(40*time.Minute))

	// From shortly before it is told to shortly after it is over.
	now, end = now.Add(20*time.Minute), end.Add(-20*time.Minute)
	from, stored := now, NewStored(conn)
	e := evaluator(t, r, s, computer, stored, &now, "t")
	for ; !now.After(end); now = now.Add(8 * time.Minute) {
		if err := e.Round(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	now = now.Add(-8 * time.Minute)
	sent, err := stored.Transitions(t.Context(), "t", start, end)
	if err != nil {
		t.Fatal(err)
	}
	over := Stretch{Tenants: []string{"t"}, From: from.Add(-1), To: now}
	for name, figures := range map[string]Figures{"on the same facts": computer, "on those of the tests": f} {
		got, err := Backtest(t.Context(), Options{Rules: r, Figures: figures, Settings: s}, over)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(sent, got, cmpopts.EquateApprox(0, 1e-9)); diff != "" || len(got) != 4 {
			t.Errorf("sent (-) and backtest %s (+) differ:\n%s", name, diff)
		}
	}
	if m := sent[0].Movers[0]; m.Cut != "region,product" || m.CutValue != `["north","pump"]` {
		t.Errorf("the first mover is %s", m)
	}
	corrected(t, conn, e, f, &now, sent)
}

// agree compares the figures of the tests with those of the Computer at an instant.
func agree(t *testing.T, f *fake, c *rolling.Computer, g Group, at time.Time) {
	t.Helper()
	q := question(settings{}.For("t"), g, g.Rules[0], at)
	q.Cuts = []string{"", "region", "product", "region,product"}
	want, err := f.Figures(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Figures(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	same := cmpopts.IgnoreFields(rolling.Figure{}, "Change", "Significant", "BelowMinN", "Version", "Provisional")
	if diff := cmp.Diff(want, got, same, cmpopts.EquateApprox(0, 1e-9)); diff != "" {
		t.Errorf("figures of the tests (-) and of the store (+):\n%s", diff)
	}
}

// corrected: thousands of good answers arrive late for the time in which it failed, and what was told of it is taken back.
func corrected(t *testing.T, conn driver.Conn, e *Evaluator, f *fake, now *time.Time, sent []Transition) {
	t.Helper()
	late := f.responses["t"]
	for _, r := range f.responses["t"] {
		r.good = true
		for range 8 {
			late = append(late, r)
		}
	}
	facts(t, conn, "t", late)
	*now = now.Add(8 * time.Minute)
	if err := e.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	told, err := NewStored(conn).Transitions(t.Context(), "t", start, *now)
	if err != nil {
		t.Fatal(err)
	}
	taken := map[string]Change{}
	for _, x := range told[len(sent):] {
		taken[x.ID] = x.Change
	}
	for _, x := range sent {
		if taken[x.ID] != Corrected {
			t.Errorf("%s of %s is %q after all", x.Alert, x.At, taken[x.ID])
		}
	}
	var n uint64
	if err := conn.QueryRow(t.Context(), "SELECT count() FROM rapport.alerts WHERE state = 'corrected' AND corrected_at > resolved_at").Scan(&n); err != nil || n != uint64(len(sent)/2) {
		t.Errorf("%d alerts are shown as corrected: %v", n, err)
	}
}
