package store

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/sinks"
)

// rate is the query that docs/views.md shows for satisfied_customer_rate, of a questionnaire.
const rate = `SELECT toString(tuple(count(), countIf(satisfied), 100 * countIf(satisfied) / count())) FROM
(
    SELECT customer_id, round(sum(index_sum) / sum(n), 15) >= argMax(satisfied_threshold, day) AS satisfied
    FROM rapport.customer_satisfaction_daily WHERE questionnaire = '%s' GROUP BY customer_id
)`

// Worked example 4: four customers with mean indexes of 70.0, 75.5, 82.0 and 86.1 are satisfied to 100 %, and their mean is 78.4. The second has
// two responses of different days; one with an index of 0 that is no customer's and one of an employee count nowhere.
func TestWorkedExample4(t *testing.T) {
	ctx, conn := context.Background(), migrated(t)
	definition := []Definition{{ID: "q", Version: "1", Fingerprint: fmt.Sprintf("%064d", 1), Text: "t", Details: Details{
		ValidFrom: noon.Truncate(24 * time.Hour), TitleEn: "Q", TitleZh: "问", SatisfiedThreshold: "70",
		Dimensions: []DimensionDetails{{ID: "d", TitleEn: `D 'n" \ `, TitleZh: "度", Weight: 3}, {ID: "e", TitleEn: "E", TitleZh: "E", Weight: 1}},
	}}}
	q := NewQuestionnaires(conn, definition)
	for range 2 {
		if err := q.Register(ctx); err != nil {
			t.Fatal(err)
		}
		if err := q.Tell(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if got := column[uint64](t, conn, "SELECT count() FROM rapport_store.questionnaire_details"); got[0] != 1 {
		t.Errorf("told %d times, want once", got[0])
	}
	var b sinks.Batch
	say := func(customer string, day int, index int64) {
		r := response(fmt.Sprint(customer, day), 8)
		r.CustomerID, r.IndexNum, r.IndexDen = customer, index, 10
		r.Hour, r.OccurredAt = r.Hour.AddDate(0, 0, day), r.OccurredAt.AddDate(0, 0, day)
		b.Responses = append(b.Responses, r)
	}
	say("a", 0, 700)
	say("b", 0, 755)
	say("c", 1, 820)
	say("d", 2, 861)
	write(t, conn, b)
	got := rowsOf(t, conn, "sum(n), sum(index_sum) / sum(index_n)", "rapport.satisfaction_daily")
	if diff := cmp.Diff([]string{"(4,78.4)"}, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"(4,4,100)"}, column[string](t, conn, fmt.Sprintf(rate, "q"))); diff != "" {
		t.Error(diff)
	}

	// A mean of exactly the threshold in thirds, over three days: 60 + 70 1/3 + 79 2/3 is 210; a third less is below.
	b = sinks.Batch{}
	for _, s := range []struct {
		customer string
		day      int
		num, den int64
	}{{"thirds", 0, 180, 3}, {"thirds", 1, 211, 3}, {"thirds", 2, 239, 3}, {"less", 0, 180, 3}, {"less", 1, 211, 3}, {"less", 2, 238, 3}, {"", 0, 0, 3}} {
		r := response(fmt.Sprint(s.customer, s.day), 8)
		r.Tenant, r.Questionnaire, r.CustomerID, r.IndexNum, r.IndexDen = "thirds", "r", s.customer, s.num, s.den
		r.Hour, r.OccurredAt = r.Hour.AddDate(0, 0, s.day), r.OccurredAt.AddDate(0, 0, s.day)
		b.Responses = append(b.Responses, r)
	}
	write(t, conn, b)
	definition[0].ID = "r"
	if err := q.Tell(ctx); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"(2,1,50)"}, column[string](t, conn, fmt.Sprintf(rate, "r"))); diff != "" {
		t.Error(diff)
	}

	// The threshold may change under a version: what was told last holds.
	definition[0].Details.SatisfiedThreshold = "79.999999"
	definition[0].ID = "q"
	if err := q.Tell(ctx); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"(4,2,50)"}, column[string](t, conn, fmt.Sprintf(rate, "q"))); diff != "" {
		t.Error(diff)
	}
	got = rowsOf(t, conn, "questionnaire_version, dimension, weight", "rapport.dimension_daily WHERE questionnaire = 'q' LIMIT 1")
	if diff := cmp.Diff([]string{"('1','d',0.75)"}, got); diff != "" {
		t.Error(diff)
	}
	got = rowsOf(t, conn, "dimension, title_en, title_zh, weight, dimensions", "rapport_store.dimension_weights WHERE questionnaire = 'q'")
	if diff := cmp.Diff([]string{`('d','D \'n" \\ ','度',0.75,2)`, "('e','E','E',0.25,2)"}, got); diff != "" {
		t.Error(diff)
	}
	// A version nobody has told of has no weight and no threshold, and its figures all the same.
	write(t, conn, sinks.Batch{Responses: []schemas.SurveyFact{func() schemas.SurveyFact {
		r := response("untold", 8)
		r.Questionnaire, r.CustomerID = "untold", "c"
		return r
	}()}})
	got = rowsOf(t, conn, "dimension_score, weight", "rapport.dimension_daily WHERE questionnaire = 'untold'")
	got = append(got, rowsOf(t, conn, "satisfaction_index, satisfied_threshold", "rapport.customer_satisfaction_daily WHERE questionnaire = 'untold'")...)
	if diff := cmp.Diff([]string{"(80,NULL)", "(80,NULL)"}, got); diff != "" {
		t.Error(diff)
	}
}

// Rows of dimension_days that were written before there were gaps read as cells without any, until they are computed again.
func TestRowsFromBeforeGapsAreRead(t *testing.T) {
	ctx, conn := context.Background(), empty(t)
	old := shipped(t)
	old.migrations, old.views = old.migrations[:2], nil
	if err := (&migrator{conn: conn, log: zerolog.Nop()}).run(ctx, old); err != nil {
		t.Fatal(err)
	}
	for _, values := range []string{
		"('t', '', '2026-03-01', 1, ['', ''], ['q', 'q'], ['1', '1'], ['customer', 'employee'], ['d', 'd'], [2, 1], [1, 1], [150, 40], [11300, 1600])",
		"('t', '', '2026-03-02', 1, [], [], [], [], [], [], [], [], [])",
	} {
		if err := conn.Exec(ctx, "INSERT INTO rapport_store.dimension_days VALUES "+values); err != nil {
			t.Fatal(err)
		}
	}
	if err := Migrate(ctx, conn, zerolog.Nop()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		got := rowsOf(t, conn, "day, dimension, n, dimension_score, servqual_gap, gap_n, importance_n, weight", "rapport.dimension_by_cut_daily")
		got = append(got, rowsOf(t, conn, "day, customer_score, customer_n, employee_score, employee_n, manager_score, manager_n", "rapport.gap_by_role_daily")...)
		if diff := cmp.Diff([]string{"('2026-03-01','d',2,75,NULL,0,0,NULL)", "('2026-03-01',75,2,40,1,NULL,0)"}, got); diff != "" {
			t.Error(diff)
		}
		// The same after a merge, which writes the new columns out.
		if err := conn.Exec(ctx, "OPTIMIZE TABLE rapport_store.dimension_days FINAL"); err != nil {
			t.Fatal(err)
		}
	}
	if got := column[uint64](t, conn, "SELECT count() FROM rapport.servqual_gap_daily"); got[0] != 0 {
		t.Errorf("%d rows of gaps", got[0])
	}
}
