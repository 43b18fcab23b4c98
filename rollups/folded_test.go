package rollups

import (
	"encoding/hex"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/rapport-project/rapport/metrics"
	"github.com/rapport-project/rapport/rollups/fold"
	"github.com/rapport-project/rapport/schemas"
)

// What is folded here and what the statements group is the same to the bit, for days and, where cells are too many to be held at once, for parts of the days.
func TestFoldEqualsStatements(t *testing.T) {
	settings := odd(t)
	r := newRig(t, settings)
	for seed, most := range []int{0, 1, 1 << 20, 0} {
		r.exec("TRUNCATE TABLE rapport_store.survey_facts")
		rng := rand.New(rand.NewPCG(uint64(seed), 0))
		days := r.deliver(awkward(rng, settings, []int{1, 100, 700, 2000}[seed]))
		r.recomputer.mostFolded = most
		r.recompute(int64(seed), days.sorted()...)
		if found, err := r.recomputer.Differences(r.t.Context(), days.sorted()); err != nil || len(found) > 0 {
			explained := found[:min(len(found), 3)]
			_ = r.recomputer.Explain(r.t.Context(), explained)
			t.Fatalf("seed %d: %d rows differ (%v): %+v", seed, len(found), err, explained)
		}
	}
	count := func(sql string) (n uint64) {
		if err := r.conn.QueryRow(t.Context(), sql).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for _, table := range families()[0].Tables {
		if n := count("SELECT sum(length(`cells.cut_value`)) FROM rapport_store." + table + " FINAL"); n == 0 {
			t.Errorf("no cells of %s were compared", table)
		}
	}
}

// A wrong value in any column that is folded is found by the statements: the comparison above can fail.
func TestStatementsFindWhatFoldMissed(t *testing.T) {
	settings := fakeSettings{}
	r := newRig(t, settings)
	noon := at(t, "2026-05-04T12:00:00Z")
	var facts []schemas.SurveyFact
	for i := range 20 {
		f := response("t", fmt.Sprint(i), noon.Add(time.Duration(i)*time.Second), 80)
		f.NPS, f.CES, f.Repurchase, f.ResolvedFirstContact = p8(9), p8(3), p8(2), new(bool)
		score, expectation, importance := int16(7), int16(8), int16(5)
		f.AnswerItem, f.AnswerDimension, f.AnswerComment, f.AnswerReasons = []string{"i"}, []string{"d1"}, []string{""}, [][]string{{"r"}}
		f.AnswerScore, f.AnswerExpectation, f.AnswerImportance = []*int16{&score}, []*int16{&expectation}, []*int16{&importance}
		facts = append(facts, f)
	}
	r.write(facts...)
	day := schemas.Day{Tenant: "t", Date: "2026-05-04"}
	r.recompute(1, day)
	if found, err := r.recomputer.Differences(t.Context(), []schemas.Day{day}); err != nil || len(found) > 0 {
		t.Fatalf("%v (%v)", found, err)
	}
	revision := 0
	for column, value := range map[string]string{
		"region": "'x'", "org_unit": "'x'", "product": "'x'", "service": "'x'", "channel": "'x'", "segment": "'x'", "agent": "'x'",
		"questionnaire": "'x'", "questionnaire_version": "'x'", "role": "'x'", "valid": "NOT valid", "retracted": "NOT retracted", "superseded": "NOT superseded",
		"index_num": "index_num + 1", "index_den": "2", "level": "'neutral'", "nps": "8", "ces": "4", "repurchase": "3", "resolved_first_contact": "true",
		"answers.item": "['x']", "answers.dimension": "['x']", "answers.score": "[8]", "answers.expectation": "[9]", "answers.importance": "[6]", "answers.reasons": "[['x']]",
		"dimensions.dimension": "['x']", "dimensions.num": "[81]", "dimensions.den": "[2]",
	} {
		// Of the rows of a key the one with the highest revision holds: each change is one of the row as it was at first.
		revision++
		r.exec(fmt.Sprintf("INSERT INTO rapport_store.survey_facts SELECT * REPLACE (toUInt32(%d) AS revision, %s AS `%s`) FROM (SELECT * FROM rapport_store.survey_facts WHERE id = '3' AND revision = 0)", revision, value, column))
		if found, err := r.recomputer.Differences(t.Context(), []schemas.Day{day}); err != nil || len(found) == 0 {
			t.Errorf("a change of %s shows in no table (%v)", column, err)
		}
	}
	if n := len(fold.Columns(false)); n != 29+3 {
		t.Errorf("%d columns are folded, of which 29 and the tenant, day and time are looked at here", n)
	}
}

// The columns of rows are those of the statements and of the store, by name and type.
func TestFoldedColumns(t *testing.T) {
	r := newRig(t, fakeSettings{})
	space, err := fold.NewSpace([]string{""})
	if err != nil {
		t.Fatal(err)
	}
	f := families()[0]
	for _, name := range f.Tables {
		table, err := newTable(f, name)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := fold.NewFolder(space, fold.Days{}).Rows(name, nil)
		if err != nil {
			t.Fatal(err)
		}
		want := []string{"tenant", "cut", "day", "version"}
		for _, c := range table.Columns() {
			want = append(want, "cells."+c)
		}
		if diff := cmp.Diff(want, rows.Columns()); diff != "" {
			t.Errorf("columns of %s:\n%s", name, diff)
		}
		var types []string
		if err := r.conn.QueryRow(t.Context(), "SELECT groupArray(type) FROM (SELECT type FROM system.columns WHERE database = 'rapport_store' AND table = '"+name+"' ORDER BY position)").Scan(&types); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(types[4:], rows.Types()[4:]); diff != "" {
			t.Errorf("types of %s:\n%s", name, diff)
		}
	}
}

// Values of pairs are written byte for byte as ClickHouse writes them.
func TestPairValues(t *testing.T) {
	r := newRig(t, fakeSettings{})
	rng := rand.New(rand.NewPCG(3, 4))
	var a, b, want []string
	for i := range 3000 {
		one := make([]byte, rng.IntN(6))
		for j := range one {
			one[j] = []byte("\xe2\x80\xa8\xa9\xaa\"\\/\x00\x1f\x7f\xffa")[rng.IntN(13)]
		}
		if i < 256 {
			one = []byte{byte(i)}
		}
		a, b = append(a, hex.EncodeToString(one)), append(b, hex.EncodeToString([]byte{byte(rng.IntN(256))}))
	}
	err := r.conn.QueryRow(t.Context(), "SELECT arrayMap((a, b) -> hex(toJSONString([unhex(a), unhex(b)])), {a:Array(String)}, {b:Array(String)})"+pinned,
		clickhouse.Named("a", a), clickhouse.Named("b", b)).Scan(&want)
	if err != nil {
		t.Fatal(err)
	}
	for i := range a {
		x, _ := hex.DecodeString(a[i])
		y, _ := hex.DecodeString(b[i])
		if got := fmt.Sprintf("%X", fold.PairValue(string(x), string(y))); got != want[i] {
			t.Errorf("%q and %q: %s, ClickHouse writes %s", x, y, got, want[i])
		}
	}
}

// Cells of runs of time are those that the statement of spans gives, and a slot's count and digest those of its facts.
func TestFoldFactsEqualsSpans(t *testing.T) {
	settings := odd(t)
	r := newRig(t, settings)
	rng := rand.New(rand.NewPCG(5, 6))
	r.deliver(awkward(rng, settings, 2000))
	const tenant = "kathmandu"
	cuts := []string{"", "region", "agent", "channel,agent"}
	start := time.Date(2026, 3, 7, 22, 0, 0, 0, time.UTC)
	hours := []Hours{{uint32(start.Unix() / 3600), uint32(start.Unix()/3600) + 72}}
	bounds, slots, folded := []int64{math.MinInt64}, []uint16{0}, []int{-1}
	for i := range 20 {
		bounds = append(bounds, start.Add(time.Duration(i)*3*time.Hour+time.Duration(rng.IntN(3_600_000))*time.Microsecond).UnixMicro())
		slots, folded = append(slots, uint16(i%7)), append(folded, i%7-1)
	}
	space, err := fold.NewSpace(cuts)
	if err != nil {
		t.Fatal(err)
	}
	folder := fold.NewFolder(space, fold.Bounds{At: bounds, Slots: folded})
	if err := FoldFacts(t.Context(), r.conn, tenant, hours, true, folder); err != nil {
		t.Fatal(err)
	}
	args := []any{
		clickhouse.Named("tenant", tenant), clickhouse.Named("first_hours", []uint32{hours[0].First}), clickhouse.Named("end_hours", []uint32{hours[0].End}),
		clickhouse.Named("bounds", bounds), clickhouse.Named("slots", slots),
	}
	got := map[string]map[string]string{}
	for slot := range 6 {
		cells := folder.Cells(slot)
		add := func(table, cut, value string, key, sum any) {
			if got[table] == nil {
				got[table] = map[string]string{}
			}
			got[table][fmt.Sprintf("%d %q %q %q", slot+1, cut, value, fieldsOf(key))] = strings.Join(fieldsOf(sum), " ")
		}
		cells.Surveys(func(cut, value string, k metrics.SurveyKey, s metrics.Survey) {
			add(SatisfactionDays, cut, value, k, s)
		})
		cells.Dimensions(func(cut, value string, k metrics.DimensionKey, s metrics.Dimension) {
			add(DimensionDays, cut, value, k, s)
		})
		cells.Scores(func(cut, value string, k metrics.ScoreKey, n uint64) { add(ScoreDays, cut, value, k, n) })
		cells.Reasons(func(cut, value string, k metrics.ReasonKey, n uint64) { add(ReasonDays, cut, value, k, n) })
	}
	for _, table := range families()[0].Tables {
		sql, err := Spans(table, cuts, nil)
		if err != nil {
			t.Fatal(err)
		}
		want := r.spans(sql, args, table)
		if diff := cmp.Diff(want, got[table]); diff != "" || len(want) < 100 {
			t.Errorf("%d cells of %s:\n%.3000s", len(want), table, diff)
		}
	}

	f, _ := familyOf(schemas.Surveys)
	for slot := range 6 {
		var count, digest uint64
		sql := "SELECT count(), sum(cityHash64(" + f.Digest + ")) FROM rapport_store.survey_facts FINAL WHERE tenant = {tenant:String} AND toUnixTimestamp(hour) / 3600 < {end_hours:Array(UInt32)}[1] AND transform(roundDown(toUnixTimestamp64Micro(occurred_at), {bounds:Array(Int64)}), {bounds:Array(Int64)}, {slots:Array(UInt16)}, toUInt16(0)) = {slot:UInt16}"
		if err := r.conn.QueryRow(t.Context(), sql+pinned, append(slices.Clone(args), clickhouse.Named("slot", uint16(slot+1)))...).Scan(&count, &digest); err != nil {
			t.Fatal(err)
		}
		if c := folder.Cells(slot); c.Count != count || c.Digest != digest || count == 0 {
			t.Errorf("slot %d: %d facts with digest %d, want %d, %d", slot, c.Count, c.Digest, count, digest)
		}
	}
}

// spans runs a statement of spans and adds up its parts of cells, each as text: its key, and its measures.
func (r *rig) spans(sql string, args []any, name string) map[string]string {
	r.t.Helper()
	table, err := newTable(families()[0], name)
	if err != nil {
		r.t.Fatal(err)
	}
	var keys, sums []string
	for _, k := range table.Keys {
		keys = append(keys, "toString(`"+k+"`)")
	}
	for _, m := range table.Measures {
		sum := "sum"
		if strings.HasSuffix(m, "den") {
			sum = "max"
		}
		sums = append(sums, "toString("+sum+"(`"+m+"`))")
	}
	sql = "SELECT slot, cut, cut_value, [" + strings.Join(keys, ", ") + "] AS of, [" + strings.Join(sums, ", ") + "] FROM (" + sql + ") GROUP BY slot, cut, cut_value, of" + pinned
	rows, err := r.conn.Query(r.t.Context(), sql, args...)
	if err != nil {
		r.t.Fatal(err)
	}
	out := map[string]string{}
	err = each(rows, func() error {
		var slot uint16
		var cut, value string
		var key, sum []string
		err := rows.Scan(&slot, &cut, &value, &key, &sum)
		out[fmt.Sprintf("%d %q %q %q", slot, cut, value, key)] = strings.Join(sum, " ")
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return out
}

// fieldsOf are the fields of a key or of sums as text.
func fieldsOf(x any) []string {
	v := reflect.ValueOf(x)
	if v.Kind() != reflect.Struct {
		return []string{fmt.Sprint(x)}
	}
	var texts []string
	for i := range v.NumField() {
		if w, ok := v.Field(i).Interface().(metrics.Wide); ok {
			texts = append(texts, w.Big().String())
			continue
		}
		texts = append(texts, fmt.Sprint(v.Field(i).Interface()))
	}
	return texts
}
