package oracle

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rapport-project/rapport/schemas"
)

type dayKey struct{ tenant, cut, day string }

// days gathers cells per day and cut. A day that any delivery touched has a row for each cut, were it empty: the recompute
// that a delivery causes writes them all, so that what vanished disappears.
type days struct {
	opts         Options
	cuts         map[string][]cut // by tenant
	satisfaction *gathered
	dimensions   *gathered
	scores       *gathered
	reasons      *gathered
}

// gathered are the cells of one table.
type gathered struct {
	table Table
	byDay map[dayKey]map[string]*Cell
}

func newGathered(t Table) *gathered { return &gathered{t, map[dayKey]map[string]*Cell{}} }

func newDays(opts Options) *days {
	return &days{
		opts: opts, cuts: map[string][]cut{},
		satisfaction: newGathered(SatisfactionDays()), dimensions: newGathered(DimensionDays()),
		scores: newGathered(ScoreDays()), reasons: newGathered(ReasonDays()),
	}
}

func (d *days) cutsOf(tenant string) []cut {
	if d.cuts[tenant] == nil {
		d.cuts[tenant] = cuts(d.opts.Tenants[tenant].Pairs)
	}
	return d.cuts[tenant]
}

func (d *days) day(tenant string, at time.Time) string { return d.opts.Tenants[tenant].day(at) }

// day is the calendar day of an instant in the tenant's zone.
func (t Tenant) day(at time.Time) string {
	zone := t.Zone
	if zone == nil {
		zone = time.UTC
	}
	return at.In(zone).Format(time.DateOnly)
}

func (d *days) touch(tenant string, at time.Time) {
	day := d.day(tenant, at)
	for _, c := range d.cutsOf(tenant) {
		k := dayKey{tenant, c.name, day}
		for _, g := range []*gathered{d.satisfaction, d.dimensions, d.scores, d.reasons} {
			if g.byDay[k] == nil {
				g.byDay[k] = map[string]*Cell{}
			}
		}
	}
}

// add books a fact in each cut of its day. An invalid response adds to n_invalid and to nothing else.
func (d *days) add(f Fact) {
	day := d.day(f.Tenant, f.At)
	for _, c := range d.cutsOf(f.Tenant) {
		k := dayKey{f.Tenant, c.name, day}
		key := []string{c.value(f.Attributes), f.Questionnaire, f.Version, f.Role}
		whole := d.satisfaction.cell(k, key)
		if !f.Score.Valid {
			whole.add("n_invalid", 1)
			continue
		}
		addSatisfaction(whole, f)
		for name, x := range f.Score.Dimensions {
			addDimension(d.dimensions.cell(k, append(slices.Clone(key), name)), x)
		}
		for name, s := range f.Score.Stated {
			c := d.dimensions.cell(k, append(slices.Clone(key), name))
			addStated(c, "gap", s.Gaps)
			addStated(c, "importance", s.Importances)
		}
		for item, p := range f.Score.Points {
			d.addPoint(k, key, item, p)
		}
	}
}

// addPoint counts an answer under its score, and once under each reason that it names.
func (d *days) addPoint(day dayKey, key []string, item string, p Point) {
	score := strconv.FormatInt(p.Score, 10)
	d.scores.cell(day, slices.Concat(key, []string{p.Dimension, item, score})).add("n", 1)
	named := map[string]bool{}
	for _, reason := range p.Reasons {
		if !named[reason] {
			named[reason] = true
			d.reasons.cell(day, slices.Concat(key, []string{p.Dimension, reason, score})).add("n", 1)
		}
	}
}

// cell is that of a key within a day, made where it is not there yet.
func (g *gathered) cell(day dayKey, key []string) *Cell {
	if g.byDay[day] == nil {
		g.byDay[day] = map[string]*Cell{}
	}
	cells, k := g.byDay[day], strings.Join(key, "\x00")
	if cells[k] == nil {
		cells[k] = newCell(g.table, key)
	}
	return cells[k]
}

func addSatisfaction(c *Cell, f Fact) {
	c.add("n", 1)
	if index := f.Score.Index; index.Den != 0 {
		c.add("index_n", 1)
		c.Measure("index_den").SetInt64(index.Den)
		c.add("index_sum", index.Num)
		c.addSquare("index_sum_sq", index.Num)
		c.add(f.Score.Level, 1)
	}
	if f.NPS != nil {
		switch {
		case *f.NPS >= 9:
			c.add("promoters", 1)
		case *f.NPS >= 7:
			c.add("passives", 1)
		default:
			c.add("detractors", 1)
		}
	}
	if f.CES != nil {
		c.add("ces_n", 1)
		c.add("ces_sum", *f.CES)
		c.addSquare("ces_sum_sq", *f.CES)
	}
	if f.Repurchase != nil {
		c.add("repurchase_n", 1)
		c.add("repurchase_sum", *f.Repurchase)
	}
	if f.Resolved != nil {
		if *f.Resolved {
			c.add("resolved_yes", 1)
		} else {
			c.add("resolved_no", 1)
		}
	}
}

func addDimension(c *Cell, x Fraction) {
	c.add("n", 1)
	c.add("num_sum", x.Num)
	c.addSquare("num_sum_sq", x.Num)
	c.Measure("den").SetInt64(x.Den)
}

func addStated(c *Cell, what string, points []int64) {
	for _, x := range points {
		c.add(what+"_n", 1)
		c.add(what+"_sum", x)
		c.addSquare(what+"_sum_sq", x)
	}
}

func (g *gathered) rows() []Row {
	rows := make([]Row, 0, len(g.byDay))
	for k, cells := range g.byDay {
		r := Row{Table: g.table.Name, Tenant: k.tenant, Cut: k.cut, Day: k.day}
		for _, c := range cells {
			r.Cells = append(r.Cells, *c)
		}
		slices.SortFunc(r.Cells, compareCells)
		rows = append(rows, r)
	}
	slices.SortFunc(rows, compareRows)
	return rows
}

// cut is one way to divide a day's responses.
type cut struct {
	name  string
	value func(schemas.Attributes) string
}

// cuts are the overall figure, the seven attributes, and the tenant's pairs.
func cuts(pairs [][2]string) []cut {
	all := []cut{{"", func(schemas.Attributes) string { return "" }}}
	for _, name := range []string{"region", "org_unit", "product", "service", "channel", "segment", "agent"} {
		all = append(all, cut{name, func(a schemas.Attributes) string { return attribute(a, name) }})
	}
	for _, p := range pairs {
		all = append(all, cut{p[0] + "," + p[1], func(a schemas.Attributes) string {
			return jsonPair(attribute(a, p[0]), attribute(a, p[1]))
		}})
	}
	return all
}

func attribute(a schemas.Attributes, name string) string {
	switch name {
	case "region":
		return a.Region
	case "org_unit":
		return a.OrgUnit
	case "product":
		return a.Product
	case "service":
		return a.Service
	case "channel":
		return a.Channel
	case "segment":
		return a.Segment
	case "agent":
		return a.Agent
	}
	return ""
}

// jsonPair is the JSON array of two values with nothing escaped that need not be.
func jsonPair(a, b string) string {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	// Encoding strings into memory cannot fail.
	_ = enc.Encode([2]string{a, b})
	return strings.TrimSuffix(buf.String(), "\n")
}
