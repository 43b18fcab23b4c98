package rollups

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/rapport-project/rapport/schemas"
)

// Tables of rollups in database rapport_store. Each is filled by one statement with one scan of what its family comes from.
const (
	SatisfactionDays      = "satisfaction_days"
	DimensionDays         = "dimension_days"
	ScoreDays             = "score_days"
	ReasonDays            = "reason_days"
	ContactDays           = "contact_days"
	MilestoneDays         = "milestone_days"
	MilestoneDurationDays = "milestone_duration_days"
	MilestoneDueDays      = "milestone_due_days"
	ComplaintDays         = "complaint_days"
	ComplaintDurationDays = "complaint_duration_days"
	ComplaintDueDays      = "complaint_due_days"
)

// family is what the days of one family are computed from; its fields are names that go into statements.
type family struct {
	Name schemas.Family
	// Source is the table of what holds, read with FINAL.
	Source string
	// At is the column whose day something is booked on, and Hour its hour.
	At, Hour string
	// Digest are columns that change with any change of a row.
	Digest string
	// Facts is the table of facts in which Begins is true of those that could book the thing that Key names, where Source is not sorted by hour.
	Facts, Begins, Key string
	// Subjects says that figures depend on other complaints on the same subject.
	Subjects bool
	// Tables that are filled from it.
	Tables []string
}

// families in the order of schemas.Families.
func families() []family {
	return []family{
		{
			Name: schemas.Surveys, Source: "survey_facts", At: "occurred_at", Hour: "hour",
			Digest: "hour, source, id, revision, payload, retracted, superseded",
			Tables: []string{SatisfactionDays, DimensionDays, ScoreDays, ReasonDays},
		},
		{
			Name: schemas.Contacts, Source: "contact_outcomes", At: "occurred_at", Hour: "hour",
			Digest: "hour, source, id, chain, version", Tables: []string{ContactDays},
		},
		{
			Name: schemas.Cases, Source: "case_outcomes", At: "requested_at", Hour: "toStartOfHour(assumeNotNull(requested_at))",
			Digest: "case_id, version", Facts: "milestone_facts", Begins: "milestone = 'requested'", Key: "case_id",
			Tables: []string{MilestoneDays, MilestoneDurationDays, MilestoneDueDays},
		},
		{
			Name: schemas.Complaints, Source: "complaint_outcomes", At: "opened_at", Hour: "toStartOfHour(assumeNotNull(opened_at))",
			Digest: "complaint_id, version", Facts: "complaint_facts", Begins: "phase = 'opened'", Key: "complaint_id", Subjects: true,
			Tables: []string{ComplaintDays, ComplaintDurationDays, ComplaintDueDays},
		},
	}
}

// familyOf is the family of a name; false if there is none.
func familyOf(name schemas.Family) (family, bool) {
	for _, f := range families() {
		if f.Name == name {
			return f, true
		}
	}
	return family{}, false
}

// table is one table of rollups: what a cell of it is.
type table struct {
	family
	// Name of the table.
	Name string
	// Keys are the columns that name a cell beside the value of the cut, Measures its figures, both in the order of the table.
	Keys, Measures []string
}

// Columns are all columns of a cell.
func (t table) Columns() []string {
	return append(append([]string{"cut_value"}, t.Keys...), t.Measures...)
}

// measureName finds the names of measures in a table's file.
var measureName = regexp.MustCompile("AS `cells\\.(\\w+)`")

// newTable reads the file of a table, which alone says what its cells are.
func newTable(f family, name string) (table, error) {
	t := table{family: f, Name: name}
	keys, err := renderPart(name, "keys", t)
	if err != nil {
		return table{}, err
	}
	if keys = strings.TrimSpace(keys); keys != "" {
		t.Keys = strings.Split(keys, ", ")
	}
	measures, err := renderPart(name, "measures", t)
	if err != nil {
		return table{}, err
	}
	for _, m := range measureName.FindAllStringSubmatch(measures, -1) {
		t.Measures = append(t.Measures, m[1])
	}
	if len(t.Measures) == 0 {
		return table{}, fmt.Errorf("rollups: table %s has no measures", name)
	}
	return t, nil
}

// tables are all tables of rollups with their families.
func tables() []table {
	var all []table
	for _, f := range families() {
		for _, name := range f.Tables {
			all = append(all, table{family: f, Name: name})
		}
	}
	return all
}

// tablesOf are the tables of a family, for statements about all of them.
func tablesOf(f family) []table {
	var own []table
	for _, name := range f.Tables {
		own = append(own, table{family: f, Name: name})
	}
	return own
}

// Families are the names of the tables of rollups, those of one family together, in the order of schemas.Families.
func Families() [][]string {
	var names [][]string
	for _, f := range families() {
		names = append(names, f.Tables)
	}
	return names
}
