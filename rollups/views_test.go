package rollups

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/tenants"
)

func TestViewsByCut(t *testing.T) {
	r := newRig(t, fakeSettings{"t": tenants.Tenant{Zone: zone(t, "UTC"), Cuts: [][2]string{{"region", "agent"}}}})
	noon := at(t, "2026-05-04T12:00:00Z")
	one := response("t", "1", noon, 80)
	one.NPS, one.CES = p8(9), p8(6)
	two := response("t", "2", noon, 240) // 240/3 of another version
	two.QuestionnaireVersion, two.IndexDen, two.DimensionDen = "2", 3, []int64{3}
	two.Level, two.NPS, two.CES = "neutral", p8(3), p8(5)
	three := response("t", "3", noon, 0)
	three.Valid, three.IndexDen, three.Level, three.Dimension, three.DimensionNum, three.DimensionDen = false, 0, "", nil, nil, nil
	employee := response("t", "4", noon, 10)
	employee.Role = "employee"
	five, seven := int16(5), int16(7)
	two.AnswerItem, two.AnswerDimension, two.AnswerReasons, two.AnswerComment = []string{"a", "b"}, []string{"d1", "d2"}, make([][]string, 2), make([]string, 2)
	two.AnswerScore, two.AnswerExpectation, two.AnswerImportance = []*int16{&five, nil}, []*int16{&seven, nil}, []*int16{nil, &seven}
	r.write(one, two, three, employee)
	r.recompute(1, schemas.Day{Tenant: "t", Date: "2026-05-04"})

	for _, cut := range []struct{ cut, value string }{{"", ""}, {"region", "north"}, {"region,agent", `["north","a1"]`}} {
		var got string
		err := r.conn.QueryRow(t.Context(), fmt.Sprintf(`SELECT toString(tuple(tenant, questionnaire, n, n_invalid, satisfaction_index, index_n, csat_top2, satisfied_n, neutral, neutral_share, nps, nps_n, ces, ces_n))
			FROM rapport.satisfaction_by_cut_daily WHERE day = '2026-05-04' AND cut = '%s' AND cut_value = '%s'`, cut.cut, cut.value)).Scan(&got)
		if err != nil {
			t.Fatalf("%v: %v", cut, err)
		}
		if diff := cmp.Diff("('t','q',2,1,80,2,50,1,1,50,0,2,5.5,2)", got); diff != "" {
			t.Errorf("%v (-want +got):\n%s", cut, diff)
		}
		err = r.conn.QueryRow(t.Context(), fmt.Sprintf(`SELECT toString(groupArray(tuple(questionnaire, dimension, n, dimension_score, dimension_sum, servqual_gap, gap_n, importance, importance_n, questionnaire_version, weight)))
			FROM (SELECT * FROM rapport.dimension_by_cut_daily WHERE day = '2026-05-04' AND cut = '%s' AND cut_value = '%s' ORDER BY dimension)`, cut.cut, cut.value)).Scan(&got)
		if err != nil {
			t.Fatalf("%v: %v", cut, err)
		}
		if diff := cmp.Diff("[('q','d1',2,80,160,-2,1,NULL,0,'2',NULL),('q','d2',0,NULL,0,NULL,0,7,1,'2',NULL)]", got); diff != "" {
			t.Errorf("%v (-want +got):\n%s", cut, diff)
		}
		err = r.conn.QueryRow(t.Context(), fmt.Sprintf(`SELECT toString(tuple(dimension, customer_score, customer_n, employee_score, employee_n, employee_sum, manager_score, manager_n))
			FROM rapport.gap_by_role_daily WHERE day = '2026-05-04' AND cut = '%s' AND cut_value = '%s'`, cut.cut, cut.value)).Scan(&got)
		if err != nil {
			t.Fatalf("%v: %v", cut, err)
		}
		if diff := cmp.Diff("('d1',80,2,10,1,10,NULL,0)", got); diff != "" {
			t.Errorf("%v (-want +got):\n%s", cut, diff)
		}
	}
}

// The weighted gap is there just where every dimension has one, by the weights of the newest version among the responses.
func TestWeightedGap(t *testing.T) {
	r := newRig(t, fakeSettings{})
	// Version 2 gives the weight of b to c.
	r.exec(`INSERT INTO rapport_store.questionnaire_details (id, version, dimensions.dimension, dimensions.weight, dimensions.title_en, dimensions.title_zh)
		VALUES ('q', '1', ['a', 'b'], [3, 1], ['', ''], ['', '']), ('q', '2', ['a', 'c'], [3, 2], ['', ''], ['', ''])`)
	answer := func(id, day, version string, gaps map[string]int16) {
		f := response("t", id, at(t, day+"T12:00:00Z"), 80)
		f.QuestionnaireVersion, f.Region, f.Agent = version, "", ""
		f.Dimension, f.DimensionNum, f.DimensionDen = nil, nil, nil
		for dimension, gap := range gaps {
			score, expectation := 4+gap, int16(4)
			f.Dimension, f.DimensionNum, f.DimensionDen = append(f.Dimension, dimension), append(f.DimensionNum, 50), append(f.DimensionDen, 1)
			f.AnswerItem, f.AnswerDimension = append(f.AnswerItem, dimension), append(f.AnswerDimension, dimension)
			f.AnswerScore, f.AnswerExpectation, f.AnswerImportance = append(f.AnswerScore, &score), append(f.AnswerExpectation, &expectation), append(f.AnswerImportance, nil)
		}
		f.AnswerReasons, f.AnswerComment = make([][]string, len(gaps)), make([]string, len(gaps))
		r.write(f)
		r.recompute(1, schemas.Day{Tenant: "t", Date: day})
	}
	answer("1", "2026-05-01", "1", map[string]int16{"a": -2, "b": 2})
	answer("2", "2026-05-02", "1", map[string]int16{"a": -2})
	answer("3", "2026-05-03", "1", map[string]int16{"a": -1, "b": 3})
	answer("4", "2026-05-03", "2", map[string]int16{"a": -2, "c": 1})
	answer("5", "2026-05-04", "3", map[string]int16{"a": -2, "b": 1})
	var got string
	err := r.conn.QueryRow(t.Context(), `SELECT toString(groupArray(tuple(toDayOfMonth(day), round(servqual_weighted_gap, 12), weighted_dimensions, dimensions, gap_n, gap_sum)))
		FROM (SELECT * FROM rapport.servqual_gap_daily WHERE cut = '' ORDER BY day)`).Scan(&got)
	if err != nil {
		t.Fatal(err)
	}
	// 0.75 * -2 + 0.25 * 2; b is missing; 0.6 * -1.5 + 0.4 * 1; nobody has told of version 3.
	if diff := cmp.Diff("[(1,-1,2,2,2,0),(2,NULL,1,2,1,-2),(3,-0.5,2,2,4,1),(4,NULL,0,0,2,-1)]", got); diff != "" {
		t.Error(diff)
	}
}

func TestStatementsKeepToTheRules(t *testing.T) {
	cuts, err := cutsOf([][2]string{{"region", "product"}})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{"answered": ofAllTables("answered.sql"), "figures": ofAllTables("rows_with_figures.sql")}
	for _, f := range families() {
		s, err := newStatements(f, cuts)
		if err != nil {
			t.Fatal(err)
		}
		all["digest "+string(f.Name)] = s.digest
		for _, table := range f.Tables {
			all["insert "+table], all["audit "+table] = s.insert[table], s.audit[table]
			if n := strings.Count(s.insert[table], "rapport_store."+f.Source+" FINAL"); n != 1 {
				t.Errorf("%s scans %s %d times; two scans may see different facts", table, f.Source, n)
			}
		}
	}
	names, err := fs.Glob(files, "sql/*.sql")
	if err != nil || len(names) < 10 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		all[name] = plain(strings.TrimPrefix(name, "sql/"))
	}
	for name, sql := range all {
		// What makes a figure depend on order, on the clock, or on rows that FINAL would have hidden.
		for _, word := range []string{"prewhere", "float", "any(", "anylast", "topk", "quantile", "now(", "now64", "today(", "avg(", "missing "} {
			text := strings.ReplaceAll(strings.ToLower(sql), "optimize_move_to_prewhere_if_final", "")
			if strings.Contains(text, word) {
				t.Errorf("%s has %q", name, word)
			}
		}
	}
	for _, f := range schemas.Families() {
		if _, ok := familyOf(f); !ok {
			t.Errorf("family %q has no rollups", f)
		}
	}
}

func TestCutsAreFromTheList(t *testing.T) {
	for _, bad := range [][][2]string{
		{{"region", "region"}}, {{"region", "x) FROM secrets --"}}, {{"region", "product"}, {"product", "region"}}, {{"", "region"}},
	} {
		if _, err := cutsOf(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestVersion(t *testing.T) {
	if got := MarkVersion(3, 41).String(); got != "55340232221128654890" { // 3 << 64 | 42
		t.Error(got)
	}
	ordered := []Version{{}, MarkVersion(0, 0), MarkVersion(0, 1<<62), MarkVersion(1, 0), {Epoch: 1 << 63}}
	for i, v := range ordered {
		for j, w := range ordered {
			want := 0
			if i < j {
				want = -1
			} else if i > j {
				want = 1
			}
			if v.Compare(w) != want {
				t.Errorf("%v.Compare(%v) is %d", v, w, v.Compare(w))
			}
		}
	}
}
