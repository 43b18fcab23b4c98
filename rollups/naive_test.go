package rollups

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/tenants"
)

// delivered is a fact as it lies in the table: superseded is not part of what the pipeline writes.
type delivered struct {
	schemas.SurveyFact
	superseded bool
}

// rowKey names a rollup row.
type rowKey struct{ table, tenant, cut, day string }

// columns of each table in order; the first are text.
var columnsOf = map[string][]string{
	SatisfactionDays: strings.Fields(`cut_value questionnaire questionnaire_version role n n_invalid index_n index_den index_sum index_sum_sq
		very_satisfied satisfied neutral dissatisfied very_dissatisfied promoters passives detractors ces_n ces_sum ces_sum_sq
		repurchase_n repurchase_sum resolved_yes resolved_no`),
	DimensionDays: strings.Fields("cut_value questionnaire questionnaire_version role dimension n den num_sum num_sum_sq gap_n gap_sum gap_sum_sq importance_n importance_sum importance_sum_sq"),
	ScoreDays:     strings.Fields("cut_value questionnaire questionnaire_version role dimension item score n"),
	ReasonDays:    strings.Fields("cut_value questionnaire questionnaire_version role dimension reason score n"),
}

// naive computes rows from deliveries in plain Go: what holds of each key, then one pass per cut.
func naive(settings Settings, facts []delivered, days []schemas.Day) map[rowKey][]string {
	type key struct {
		tenant, source, id string
		hour               int64
	}
	holds := map[key]delivered{}
	for _, f := range facts {
		k := key{f.Tenant, f.Source, f.ID, f.Hour.Unix()}
		have, ok := holds[k]
		if !ok || cmp.Or(cmp.Compare(f.Revision, have.Revision), cmp.Compare(f.Payload, have.Payload)) > 0 {
			holds[k] = f
		}
	}
	cells := map[rowKey]map[string]map[string]*big.Int{}
	for _, d := range days {
		for _, name := range cutNames(settings.For(d.Tenant)) {
			for _, table := range families()[0].Tables {
				cells[rowKey{table, d.Tenant, name, d.Date}] = map[string]map[string]*big.Int{}
			}
		}
	}
	for _, f := range holds {
		if f.Retracted || f.superseded {
			continue
		}
		t := settings.For(f.Tenant)
		for _, name := range cutNames(t) {
			at := rowKey{SatisfactionDays, f.Tenant, name, t.Day(f.OccurredAt)}
			if cells[at] == nil {
				continue
			}
			id := []string{cutValue(name, f.AttributeColumns), f.Questionnaire, f.QuestionnaireVersion, f.Role}
			addResponse(cellAt(cells[at], id), f.SurveyFact)
			if !f.Valid {
				continue
			}
			at.table = DimensionDays
			for i, dim := range f.Dimension {
				c := cellAt(cells[at], append(slices.Clone(id), dim))
				add(c, "n", 1)
				add(c, "num_sum", f.DimensionNum[i])
				addSquare(c, "num_sum_sq", f.DimensionNum[i])
				c["den"] = big.NewInt(f.DimensionDen[i])
			}
			for i, dim := range f.AnswerDimension {
				of := append(slices.Clone(id), dim)
				if score, expectation := f.AnswerScore[i], f.AnswerExpectation[i]; score != nil && expectation != nil {
					addStated(cellAt(cells[at], of), "gap", int64(*score)-int64(*expectation))
				}
				if importance := f.AnswerImportance[i]; importance != nil {
					addStated(cellAt(cells[at], of), "importance", int64(*importance))
				}
			}
			addScores(cells, at, id, f.SurveyFact)
		}
	}
	out := map[rowKey][]string{}
	for at, byKey := range cells {
		lines := []string{}
		for id, c := range byKey {
			line := id
			for _, name := range columnsOf[at.table] {
				if !slices.Contains([]string{"cut_value", "questionnaire", "questionnaire_version", "role", "dimension", "item", "reason", "score"}, name) {
					line += "\x00" + cmp.Or(c[name], new(big.Int)).String()
				}
			}
			lines = append(lines, line)
		}
		slices.Sort(lines)
		out[at] = lines
	}
	return out
}

func addStated(c map[string]*big.Int, what string, x int64) {
	add(c, what+"_n", 1)
	add(c, what+"_sum", x)
	addSquare(c, what+"_sum_sq", x)
}

// addScores counts single answers that have a score, and the reasons that they name.
func addScores(cells map[rowKey]map[string]map[string]*big.Int, at rowKey, id []string, f schemas.SurveyFact) {
	scores, reasons := at, at
	scores.table, reasons.table = ScoreDays, ReasonDays
	for i, dim := range f.AnswerDimension {
		if f.AnswerScore[i] == nil {
			continue
		}
		score := fmt.Sprint(*f.AnswerScore[i])
		add(cellAt(cells[scores], slices.Concat(id, []string{dim, f.AnswerItem[i], score})), "n", 1)
		for j, reason := range f.AnswerReasons[i] {
			if !slices.Contains(f.AnswerReasons[i][:j], reason) {
				add(cellAt(cells[reasons], slices.Concat(id, []string{dim, reason, score})), "n", 1)
			}
		}
	}
}

func addResponse(c map[string]*big.Int, f schemas.SurveyFact) {
	if !f.Valid {
		add(c, "n_invalid", 1)
		return
	}
	add(c, "n", 1)
	if f.IndexDen > 0 {
		add(c, "index_n", 1)
		c["index_den"] = big.NewInt(f.IndexDen)
		add(c, "index_sum", f.IndexNum)
		addSquare(c, "index_sum_sq", f.IndexNum)
	}
	if f.Level != "" {
		add(c, f.Level, 1)
	}
	if f.NPS != nil {
		add(c, [...]string{"detractors", "detractors", "detractors", "detractors", "detractors", "detractors", "detractors", "passives", "passives", "promoters", "promoters"}[*f.NPS], 1)
	}
	if f.CES != nil {
		add(c, "ces_n", 1)
		add(c, "ces_sum", int64(*f.CES))
		addSquare(c, "ces_sum_sq", int64(*f.CES))
	}
	if f.Repurchase != nil {
		add(c, "repurchase_n", 1)
		add(c, "repurchase_sum", int64(*f.Repurchase))
	}
	if f.ResolvedFirstContact != nil {
		add(c, map[bool]string{true: "resolved_yes", false: "resolved_no"}[*f.ResolvedFirstContact], 1)
	}
}

func cellAt(cells map[string]map[string]*big.Int, id []string) map[string]*big.Int {
	k := strings.Join(id, "\x00")
	if cells[k] == nil {
		cells[k] = map[string]*big.Int{}
	}
	return cells[k]
}

func add(c map[string]*big.Int, name string, x int64) {
	c[name] = new(big.Int).Add(cmp.Or(c[name], new(big.Int)), big.NewInt(x))
}

func addSquare(c map[string]*big.Int, name string, x int64) {
	c[name] = new(big.Int).Add(cmp.Or(c[name], new(big.Int)), new(big.Int).Mul(big.NewInt(x), big.NewInt(x)))
}

func cutNames(t tenants.Tenant) []string {
	names := append([]string{""}, tenants.Attributes()...)
	for _, p := range t.Cuts {
		names = append(names, p[0]+","+p[1])
	}
	return names
}

func cutValue(cut string, a schemas.AttributeColumns) string {
	if cut == "" {
		return ""
	}
	values := map[string]string{
		"region": a.Region, "org_unit": a.OrgUnit, "product": a.Product, "service": a.Service,
		"channel": a.Channel, "segment": a.Segment, "agent": a.Agent,
	}
	first, second, pair := strings.Cut(cut, ",")
	if !pair {
		return values[cut]
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode([]string{values[first], values[second]})
	return strings.TrimSpace(b.String())
}

// stored reads the rows as they are, in the form of naive. It checks that cells are in the order of their keys where these are text.
func (r *rig) stored() map[rowKey][]string {
	r.t.Helper()
	out := map[rowKey][]string{}
	for _, f := range tables() {
		t, err := newTable(f.family, f.Name)
		if err != nil {
			r.t.Fatal(err)
		}
		columns, table := t.Columns(), t.Name
		parts := []string{"tenant", "cut", "toString(day)"}
		for _, c := range columns {
			parts = append(parts, fmt.Sprintf("arrayMap(x -> toString(x), `cells.%s`)", c))
		}
		rows, err := r.conn.Query(r.t.Context(), "SELECT "+strings.Join(parts, ", ")+" FROM rapport_store."+table+" FINAL")
		if err != nil {
			r.t.Fatal(err)
		}
		err = each(rows, func() error {
			at := rowKey{table: table}
			values := make([][]string, len(columns))
			into := []any{&at.tenant, &at.cut, &at.day}
			for i := range values {
				into = append(into, &values[i])
			}
			if err := rows.Scan(into...); err != nil {
				return err
			}
			lines := []string{}
			for i := range values[0] {
				var line []string
				for _, c := range values {
					line = append(line, c[i])
				}
				lines = append(lines, strings.Join(line, "\x00"))
			}
			if numbered := slices.ContainsFunc(t.Keys, func(k string) bool { return k == "bucket" || k == "due_at" || k == "score" }); !numbered && !slices.IsSorted(lines) {
				return fmt.Errorf("%v: cells are not in order: %q", at, lines)
			}
			if slices.Contains(t.Keys, "score") {
				slices.Sort(lines) // the oracle, and the SQL that compares, hold the order of numbers
			}
			out[at] = lines
			return nil
		})
		if err != nil {
			r.t.Fatal(err)
		}
	}
	return out
}

func p8(x int) *int8 { v := int8(x); return &v }

// response is a valid fact of the questionnaire q, version 1.
func response(tenant, id string, at time.Time, score int64) schemas.SurveyFact {
	return schemas.SurveyFact{
		Identity:      schemas.Identity{Tenant: tenant, Hour: at.UTC().Truncate(time.Hour), Source: "app", ID: id},
		Version:       schemas.Version{Payload: uint64(score) + 1},
		OccurredAt:    at.UTC(),
		Questionnaire: "q", QuestionnaireVersion: "1", Role: "customer",
		AttributeColumns: schemas.AttributeColumns{Region: "north", Agent: "a1"},
		Valid:            true, IndexNum: score, IndexDen: 1, Level: "satisfied",
		Dimension: []string{"d1"}, DimensionNum: []int64{score}, DimensionDen: []int64{1},
	}
}

func at(t testing.TB, text string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// addRandomAnswers gives answers with scores, expectations and importances, each there or not, on a scale of negative points too, of
// dimensions that have a score and of one that never has.
func addRandomAnswers(rng *rand.Rand, f *schemas.SurveyFact) {
	maybe := func() *int16 {
		if rng.IntN(3) == 0 {
			return nil
		}
		x := int16(rng.IntN(2001) - 1000)
		return &x
	}
	n := rng.IntN(5)
	f.AnswerItem, f.AnswerDimension, f.AnswerScore, f.AnswerExpectation, f.AnswerImportance = nil, nil, nil, nil, nil
	f.AnswerReasons, f.AnswerComment = make([][]string, n), make([]string, n)
	for i := range n {
		f.AnswerItem = append(f.AnswerItem, fmt.Sprint("i", i))
		f.AnswerDimension = append(f.AnswerDimension, []string{"skill", "attitude", "unscored"}[rng.IntN(3)])
		f.AnswerScore, f.AnswerExpectation, f.AnswerImportance = append(f.AnswerScore, maybe()), append(f.AnswerExpectation, maybe()), append(f.AnswerImportance, maybe())
	}
}
