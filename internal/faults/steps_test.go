package faults

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/rapport-project/rapport/internal/e2e"
	"github.com/rapport-project/rapport/internal/generator"
)

// written are the kinds of statements at each of which a member is killed.
var written = []string{
	"survey_facts", "invitation_facts", "contact_facts", "milestone_facts", "complaint_facts", "late_facts", "dead_letters", "consumed", "progress",
	"survey_facts, superseding", "contact_facts, superseding", "milestone_facts, superseding", "complaint_facts, superseding", "invitation_facts, superseding",
	"contact_outcomes", "case_outcomes", "complaint_outcomes", "complaint_subjects",
	"satisfaction_days", "dimension_days", "contact_days", "milestone_days", "milestone_duration_days", "milestone_due_days",
	"complaint_days", "complaint_duration_days", "complaint_due_days",
	"satisfaction_days, emptied", "dimension_days, emptied", "contact_days, emptied", "milestone_days, emptied", "milestone_duration_days, emptied",
	"milestone_due_days, emptied", "complaint_days, emptied", "complaint_duration_days, emptied", "complaint_due_days, emptied",
	"epochs", "outcome_epochs", "tenants", "questionnaires", "questionnaire_details", "migrations", "audit_mismatches",
}

// elsewhere are tables at whose writing nobody is killed here, and why.
var elsewhere = map[string]string{
	"offset_gaps": "written with the facts of the first batch after records were lost, which the trials of retention do",
}

// TestKilledAtEachStatement kills the member at each of its writes to ClickHouse, all of them in a long run and as many as time allows in a short one.
func TestKilledAtEachStatement(t *testing.T) {
	x := Prepare(t, Plan{
		Fault: "kill -9 of a member at each of its statements that write: before, with half of it sent, done with the answer lost, answered", Binary: rapport,
		Stories: 500, Poison: 1, Pace: 100 * time.Millisecond, Mismatches: true,
		Settings: []string{"PIPELINE_SESSION_TIMEOUT=1500ms", "PIPELINE_DRAIN_TIMEOUT=1s", "SEAL_HORIZON=87600h"},
	})
	late := ofLongAgo(t, x.seed)
	x.sent = generator.Mix(x.sent, late, x.rng)
	m := x.Members[0]
	s := strikesAt(x, m, written)
	enough := len(s.left)
	if testing.Short() {
		enough = 20
	}
	own, other := x.other(m)
	n, idle := 0, 0
	for ; n < enough && idle < 25; n++ {
		s.start()
		if n == 4 { // topics are there by then
			x.Load()
		}
		select {
		case at := <-s.struck:
			t.Logf("killed at %s, %s", at.kind, at.stage)
			continue
		case <-time.After(5 * time.Second):
		}
		// What is left is not come to by itself: other settings and events once more make for all kinds of writes.
		idle++
		n--
		if at, struck := s.stop(); struck {
			t.Logf("killed at %s, %s", at.kind, at.stage)
			n++
			continue
		}
		if idle%2 == 1 {
			m.Set(other())
		} else {
			m.Set(own)
		}
		x.again(200)
		x.tamper()
	}
	m.Set(own)
	m.Start()
	x.ready()
	if n < enough {
		t.Errorf("%d of %d points were never come to: %s", enough-n, enough, strings.Join(s.remaining(), "\n"))
	}
	x.Finish()
	x.enumerated(s.kinds())
	x.accounted()
}

// ofLongAgo are good events that are too late for a horizon of ten years.
func ofLongAgo(t *testing.T, seed uint64) []generator.Event {
	t.Helper()
	from := time.Date(2012, 3, 1, 0, 0, 0, 0, time.UTC)
	g, err := generator.New(generator.Config{Seed: seed, IDPrefix: "late-", From: from, To: from.AddDate(0, 0, 3)})
	if err != nil {
		t.Fatal(err)
	}
	return g.Events(30)
}

// other gives the setting of the member's folder of settings, and makes ones that differ, each with a questionnaire that nobody knew.
func (x *Trial) other(m *e2e.System) (own string, other func() string) {
	x.t.Helper()
	own = x.config
	form, err := os.ReadFile("../../questionnaires/shipped/rater-5.yaml")
	if err != nil {
		x.t.Fatal(err)
	}
	n := 0
	return own, func() string {
		n++
		dir := x.t.TempDir()
		for name, text := range map[string]string{
			"tenants/kathmandu.yaml":     fmt.Sprintf("time_zone: Asia/Tokyo\ncuts:\n  - [region, service]\nfcr_window_days: %d\nservice_level_seconds: 20\n", 5+n%4),
			"tenants/new-york.yaml":      "time_zone: America/New_York\ncuts:\n  - [product, service]\n",
			"questionnaires/extra-.yaml": strings.Replace(string(form), "id: rater-5", fmt.Sprintf("id: extra-%d", n), 1),
		} {
			path := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				x.t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				x.t.Fatal(err)
			}
		}
		return "CONFIG_DIR=" + dir
	}
}

// again sends n of the events another time.
func (x *Trial) again(n int) {
	x.t.Helper()
	c := x.Direct.Client()
	defer c.Close()
	var records []*kgo.Record
	for range n {
		records = append(records, e2e.Record(x.sent[x.rng.IntN(len(x.sent))]))
	}
	x.Direct.Publish(c, records...)
}

// tamper changes a stored figure behind rapport's back.
func (x *Trial) tamper() {
	x.t.Helper()
	err := x.Direct.Conn().Exec(context.Background(), "ALTER TABLE rapport_store.satisfaction_days UPDATE `cells.n` = arrayMap(x -> x + 1, `cells.n`) "+
		"WHERE cut = 'region' AND tenant = 'default' SETTINGS mutations_sync = 2")
	if err != nil {
		x.t.Fatal(err)
	}
}

// enumerated complains of statements that were seen, and of tables that there are, without a point at which to kill: new ones cannot be forgotten.
func (x *Trial) enumerated(seen []string) {
	x.t.Helper()
	for _, kind := range seen {
		if !slices.Contains(written, kind) && elsewhere[kind] == "" {
			x.t.Errorf("statements that write %q are seen, and nobody is killed at them", kind)
		}
	}
	var names, views []string
	for what, to := range map[string]*[]string{"name": &names, "create_table_query": &views} {
		engine := "%MergeTree%"
		if to == &views {
			engine = "MaterializedView"
		}
		rows, err := x.Direct.Conn().Query(context.Background(), "SELECT "+what+" FROM system.tables WHERE database = 'rapport_store' AND engine LIKE '"+engine+"'")
		if err != nil {
			x.t.Fatal(err)
		}
		for rows.Next() {
			var text string
			if err := rows.Scan(&text); err != nil {
				x.t.Fatal(err)
			}
			*to = append(*to, text)
		}
		if err := rows.Err(); err != nil {
			x.t.Fatal(err)
		}
	}
	// What views fill is written by the statements that write what they look at.
	names = slices.DeleteFunc(names, func(name string) bool {
		return slices.ContainsFunc(views, func(view string) bool { return strings.Contains(view, " TO rapport_store."+name+" ") })
	})
	for _, name := range names {
		if !slices.Contains(written, name) && elsewhere[name] == "" {
			x.t.Errorf("nobody is killed while table %s is written", name)
		}
	}
	for _, kind := range slices.Concat(written, slices.Collect(maps.Keys(elsewhere))) {
		if table, _, _ := strings.Cut(kind, ","); !slices.Contains(names, table) {
			x.t.Errorf("%q is in the list and no table", table)
		}
	}
}
