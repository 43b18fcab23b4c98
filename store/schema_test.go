package store

import (
	"flag"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/schemas"
)

var update = flag.Bool("update", false, "write testdata anew")

func TestSchema(t *testing.T) {
	conn := migrated(t)

	t.Run("everything has a comment", func(t *testing.T) {
		bare := column[string](t, conn, `
			SELECT concat(database, '.', table, '.', name) FROM system.columns WHERE database IN ('rapport', 'rapport_store') AND comment = ''
			UNION ALL SELECT concat(database, '.', name) FROM system.tables WHERE database IN ('rapport', 'rapport_store') AND comment = ''
			UNION ALL SELECT name FROM system.databases WHERE name IN ('rapport', 'rapport_store') AND comment = ''`)
		if len(bare) > 0 {
			t.Errorf("without a comment: %s", bare)
		}
	})
	t.Run("BI sees no states and only times with a zone", func(t *testing.T) {
		odd := column[string](t, conn, `SELECT concat(table, '.', name, ' ', type) FROM system.columns
			WHERE database = 'rapport' AND (type LIKE '%AggregateFunction%' OR (type LIKE '%DateTime%' AND type NOT LIKE '%UTC%'))`)
		if len(odd) > 0 {
			t.Errorf("%s", odd)
		}
		if tables := column[string](t, conn, "SELECT name FROM system.tables WHERE database = 'rapport' AND engine != 'View'"); len(tables) > 0 {
			t.Errorf("no views: %s", tables)
		}
	})
	t.Run("every view can be read", func(t *testing.T) {
		for _, view := range column[string](t, conn, "SELECT concat(database, '.', name) FROM system.tables WHERE database IN ('rapport', 'rapport_store') AND engine = 'View'") {
			column[string](t, conn, "SELECT toString(tuple(*)) FROM "+view)
		}
	})
	t.Run("a read-only user can read every view", func(t *testing.T) {
		for _, view := range column[string](t, conn, "SELECT concat(database, '.', name) FROM system.tables WHERE database = 'rapport' AND engine = 'View'") {
			column[string](t, conn, "SELECT toString(tuple(*)) FROM "+view+" SETTINGS readonly = 1")
		}
	})
	t.Run("columns of tables are those of the rows", func(t *testing.T) {
		for table, row := range map[string]any{
			"survey_facts": schemas.SurveyFact{}, "invitation_facts": schemas.InvitationFact{}, "late_facts": schemas.LateFact{},
			"dead_letters": schemas.DeadLetter{}, "consumed": schemas.Consumed{}, "deliveries_in": schemas.Delivery{},
		} {
			got := column[string](t, conn, "SELECT name FROM system.columns WHERE database = 'rapport_store' AND table = '"+table+"' AND default_kind = '' ORDER BY position")
			if diff := cmp.Diff(tags(reflect.TypeOf(row)), got); diff != "" {
				t.Errorf("%s: %s", table, diff)
			}
		}
	})
	t.Run("parts of an insert are few files", func(t *testing.T) {
		few := column[string](t, conn, `SELECT name FROM system.tables WHERE database = 'rapport_store' AND engine_full LIKE '%min_bytes_for_wide_part = 67108864%'
			AND engine_full LIKE '%auto_statistics_types = \'\'%' ORDER BY name`)
		want := []string{"case_outcomes", "chains_of_cases", "complaint_events_by_id", "complaint_facts", "complaint_outcomes", "complaint_subjects", "contact_facts",
			"contact_outcomes", "contacts_by_chain", "dead_letters", "identities", "invitation_facts", "late_facts", "milestone_facts", "milestones_by_case", "survey_facts"}
		if diff := cmp.Diff(want, few); diff != "" {
			t.Errorf("tables of compact parts without statistics: %s", diff)
		}
	})
	t.Run("columns of views stay", func(t *testing.T) {
		got := strings.Join(column[string](t, conn, "SELECT concat(table, '\t', name, '\t', type) FROM system.columns WHERE database = 'rapport' ORDER BY table, position"), "\n") + "\n"
		const golden = "testdata/views.tsv"
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("what BI sees has changed; if that is meant, run go test ./store -update: %s", diff)
		}
	})
}

// tags are the ch tags of a row type in their order.
func tags(row reflect.Type) []string {
	var out []string
	for i := range row.NumField() {
		f := row.Field(i)
		if f.Anonymous {
			out = append(out, tags(f.Type)...)
			continue
		}
		out = append(out, f.Tag.Get("ch"))
	}
	return out
}

// A day or hour of a figure must not depend on when or where it is computed, nor its sum on the order of rows.
func TestViewsAreReproducible(t *testing.T) {
	banned := []string{"now(", "today(", "any(", "anyLast(", "topK", "PREWHERE", "rand("}
	for _, f := range shipped(t).views {
		code := strings.ReplaceAll(strings.Join(statements(f.sql), ";"), "quantileExactInclusive(", "") // of sorted values
		if regexp.MustCompile(`quantile\w*\(`).MatchString(code) {
			t.Errorf("view %s has a quantile that is not exact", f.name)
		}
		for _, word := range banned {
			if strings.Contains(code, word) {
				t.Errorf("view %s uses %s", f.name, word)
			}
		}
		for _, table := range []string{"survey_facts", "invitation_facts", "contact_facts", "milestone_facts", "complaint_facts", "contact_outcomes", "case_outcomes", "complaint_outcomes", "complaint_subjects"} {
			for _, rest := range strings.Split(code, "rapport_store."+table)[1:] {
				if name := strings.TrimLeft(rest, "_abcdefghijklmnopqrstuvwxyz"); name == rest && !strings.HasPrefix(rest, " FINAL") && !strings.HasPrefix(rest, " AS facts FINAL") &&
					!strings.HasPrefix(rest, " AS cases FINAL") && !strings.HasPrefix(rest, " AS complaints FINAL") {
					t.Errorf("view %s reads %s without FINAL", f.name, table)
				}
			}
		}
	}
}

// A view declares the type of each column, but its query decides what clients are sent: the two must agree.
func TestViewsDeliverTheirTypes(t *testing.T) {
	conn := migrated(t)
	views := column[string](t, conn, "SELECT name FROM system.tables WHERE database = 'rapport' ORDER BY name")
	if len(views) < 20 {
		t.Fatalf("only %d views", len(views))
	}
	for _, view := range views {
		declared := column[string](t, conn, "SELECT concat(name, ' ', type) FROM system.columns WHERE database = 'rapport' AND table = '"+view+"' ORDER BY position")
		rows, err := conn.Query(t.Context(), "DESCRIBE (SELECT * FROM rapport."+view+")")
		if err != nil {
			t.Fatal(err)
		}
		var delivered []string
		for rows.Next() {
			fields := make([]string, len(rows.Columns()))
			into := make([]any, len(fields))
			for i := range fields {
				into[i] = &fields[i]
			}
			if err := rows.Scan(into...); err != nil {
				t.Fatal(err)
			}
			delivered = append(delivered, fields[0]+" "+fields[1])
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(declared, delivered); diff != "" {
			t.Errorf("%s (-declared +delivered):\n%s", view, diff)
		}
	}
}
