package oracle

import (
	"math/big"
	"slices"
	"strings"
)

// Table is the shape of a rollup table: one row per tenant, cut and day, holding cells sorted by their key.
type Table struct {
	// Name is the table in database rapport_store.
	Name string
	// Keys are the cells' key columns, in sort order.
	Keys []string
	// Measures are the cells' integer columns.
	Measures []string
	// Numbers is how many of the last keys are integers, in the order of their values.
	Numbers int
}

// Tables are all rollup tables the oracle computes.
func Tables() []Table {
	return []Table{
		SatisfactionDays(), DimensionDays(), ScoreDays(), ReasonDays(), ContactDays(), MilestoneDays(), MilestoneDurationDays(), MilestoneDueDays(),
		ComplaintDays(), ComplaintDurationDays(), ComplaintDueDays(),
	}
}

// SatisfactionDays is the rollup of whole responses.
func SatisfactionDays() Table {
	return Table{
		Name: "satisfaction_days",
		Keys: []string{"cut_value", "questionnaire", "questionnaire_version", "role"},
		Measures: []string{
			"n", "n_invalid", "index_n", "index_den", "index_sum", "index_sum_sq",
			"very_satisfied", "satisfied", "neutral", "dissatisfied", "very_dissatisfied",
			"promoters", "passives", "detractors", "ces_n", "ces_sum", "ces_sum_sq",
			"repurchase_n", "repurchase_sum", "resolved_yes", "resolved_no",
		},
	}
}

// DimensionDays is the rollup of dimension scores.
func DimensionDays() Table {
	return Table{
		Name: "dimension_days",
		Keys: []string{"cut_value", "questionnaire", "questionnaire_version", "role", "dimension"},
		Measures: []string{
			"n", "num_sum", "num_sum_sq", "den", "gap_n", "gap_sum", "gap_sum_sq", "importance_n", "importance_sum", "importance_sum_sq",
		},
	}
}

// ScoreDays are the distributions of the scores of single answers.
func ScoreDays() Table {
	return Table{
		Name: "score_days", Keys: []string{"cut_value", "questionnaire", "questionnaire_version", "role", "dimension", "item", "score"},
		Measures: []string{"n"}, Numbers: 1,
	}
}

// ReasonDays count the answers that name a reason, by their score.
func ReasonDays() Table {
	return Table{
		Name: "reason_days", Keys: []string{"cut_value", "questionnaire", "questionnaire_version", "role", "dimension", "reason", "score"},
		Measures: []string{"n"}, Numbers: 1,
	}
}

// Row is one stored row of a rollup table.
type Row struct {
	Table  string
	Tenant string
	Cut    string // '', an attribute, or a pair as "region,product"
	Day    string // 2006-01-02, of the tenant's time zone
	Cells  []Cell
}

// Cell is the figures of one value of a cut. Key is in the order of Table.Keys, its measures in that of Table.Measures.
type Cell struct {
	Key      []string
	measures []string
	numbers  int
	values   []*big.Int
}

func newCell(t Table, key []string) *Cell {
	c := &Cell{Key: key, measures: t.Measures, numbers: t.Numbers, values: make([]*big.Int, len(t.Measures))}
	for i := range c.values {
		c.values[i] = new(big.Int)
	}
	return c
}

// Measure is the value of the named measure, 0 for a name the table does not have.
func (c Cell) Measure(name string) *big.Int {
	if i := slices.Index(c.measures, name); i >= 0 {
		return c.values[i]
	}
	return new(big.Int)
}

func (c Cell) add(name string, amount int64) {
	v := c.Measure(name)
	v.Add(v, big.NewInt(amount))
}

func (c Cell) addSquare(name string, x int64) {
	v := c.Measure(name)
	v.Add(v, new(big.Int).Mul(big.NewInt(x), big.NewInt(x)))
}

// Cell finds the cell whose key starts with the given parts; nil where there is none.
func (r Row) Cell(key ...string) *Cell {
	for i, c := range r.Cells {
		if len(c.Key) >= len(key) && slices.Equal(c.Key[:len(key)], key) {
			return &r.Cells[i]
		}
	}
	return nil
}

// Find is the row of a tenant's cut and day; nil where there is none.
func Find(rows []Row, tenant, cut, day string) *Row {
	for i, r := range rows {
		if r.Tenant == tenant && r.Cut == cut && r.Day == day {
			return &rows[i]
		}
	}
	return nil
}

// NotEmpty leaves out rows without cells: which empty days have a row depends on what was ever marked.
func NotEmpty(rows []Row) []Row {
	return slices.DeleteFunc(slices.Clone(rows), func(r Row) bool { return len(r.Cells) == 0 })
}

func compareRows(a, b Row) int {
	for _, c := range []int{
		strings.Compare(a.Table, b.Table), strings.Compare(a.Tenant, b.Tenant),
		strings.Compare(a.Cut, b.Cut), strings.Compare(a.Day, b.Day),
	} {
		if c != 0 {
			return c
		}
	}
	return 0
}

func compareCells(a, b Cell) int {
	for i := range min(len(a.Key), len(b.Key)) {
		c := strings.Compare(a.Key[i], b.Key[i])
		if i >= len(a.Key)-a.numbers {
			c = number(a.Key[i]).Cmp(number(b.Key[i]))
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

// number reads a key; a text that is none is 0, which no key of the oracle is by mistake.
func number(text string) *big.Int {
	n := new(big.Int)
	n.SetString(text, 10)
	return n
}
