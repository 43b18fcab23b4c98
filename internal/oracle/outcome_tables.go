package oracle

import (
	"context"
	"fmt"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// OutcomeTable is the shape of a table of outcomes.
type OutcomeTable struct {
	// Name is the table in database rapport_store.
	Name string
	// Key are the columns that name a row.
	Key []string
	// Columns are those that are compared, all but the version, by how they are read.
	Columns map[string]reading
	// residue is the condition under which a row that is not live says something all the same, which is a fault.
	residue string
}

// reading is an expression that makes texts of a column %[1]s.
type reading string

const (
	plain         reading = "[toString(%[1]s)]"
	nullable      reading = "if(isNull(%[1]s), [], [toString(assumeNotNull(%[1]s))])"
	seconds       reading = "[toString(toInt64(toUnixTimestamp(%[1]s)) * 1000000)]"
	stamp         reading = "[toString(toUnixTimestamp64Micro(%[1]s))]"
	nullableStamp reading = "if(isNull(%[1]s), [], [toString(toUnixTimestamp64Micro(assumeNotNull(%[1]s)))])"
	list          reading = "arrayMap(x -> toString(x), %[1]s)"
	nullableList  reading = "arrayMap(x -> ifNull(toString(x), 'NULL'), %[1]s)"
	stamps        reading = "arrayMap(x -> toString(toUnixTimestamp64Micro(x)), %[1]s)"
	pairs         reading = "arrayFlatten(arrayMap(k -> [k, %[1]s[k]], arraySort(mapKeys(%[1]s))))"
)

// OutcomeTables are all tables of outcomes the oracle computes.
func OutcomeTables() []OutcomeTable {
	return []OutcomeTable{ContactOutcomes(), CaseOutcomes(), ComplaintOutcomes(), ComplaintSubjects()}
}

// ContactOutcomes are contacts with what their chains make of them.
func ContactOutcomes() OutcomeTable {
	return OutcomeTable{
		Name: "contact_outcomes", Key: []string{"tenant", "hour", "source", "id", "chain"},
		Columns: columns(map[reading][]string{
			plain: {
				"tenant", "source", "id", "revision", "payload", "retracted", "chain", "customer_id", "issue", "case_id",
				"region", "org_unit", "product", "service", "channel", "segment", "agent", "direction", "answered", "transferred", "superseded",
				"live", "in_chain", "is_first", "episode", "later", "fcr", "fcr_reason", "excluded", "in_service_level",
			},
			seconds: {"hour"}, stamp: {"occurred_at"}, nullableStamp: {"confirmed_at"}, pairs: {"labels"},
			nullable: {"resolved", "wait_micros", "talk_micros", "hold_micros", "wrap_micros", "next_micros"},
		}),
		residue: "in_chain OR is_first OR episode > 0 OR later OR fcr != '' OR fcr_reason != '' OR excluded != '' OR confirmed_at IS NOT NULL " +
			"OR next_micros IS NOT NULL OR in_service_level",
	}
}

// CaseOutcomes are cases with their milestones.
func CaseOutcomes() OutcomeTable {
	return OutcomeTable{
		Name: "case_outcomes", Key: []string{"tenant", "case_id"},
		Columns: columns(timelineColumns(), map[reading][]string{plain: {"case_id"}, nullableStamp: {"requested_at"}}),
		residue: timelineResidue + " OR requested_at IS NOT NULL",
	}
}

// ComplaintOutcomes are complaints with their phases.
func ComplaintOutcomes() OutcomeTable {
	return OutcomeTable{
		Name: "complaint_outcomes", Key: []string{"tenant", "complaint_id"},
		Columns: columns(timelineColumns(), map[reading][]string{
			plain:    {"complaint_id", "case_id", "issue", "severity", "category", "reason", "dimension", "handling"},
			nullable: {"timely"}, nullableStamp: {"opened_at"},
		}),
		residue: timelineResidue + " OR opened_at IS NOT NULL OR timely IS NOT NULL OR case_id != '' OR issue != '' OR severity != '' " +
			"OR category != '' OR reason != '' OR dimension != '' OR handling != ''",
	}
}

// ComplaintSubjects are complaints by customer and issue.
func ComplaintSubjects() OutcomeTable {
	return OutcomeTable{
		Name: "complaint_subjects", Key: []string{"tenant", "customer_id", "issue", "complaint_id"},
		Columns: columns(map[reading][]string{plain: {"tenant", "customer_id", "issue", "complaint_id", "live"}, stamp: {"opened_at"}}),
		residue: "toUnixTimestamp64Micro(opened_at) != 0",
	}
}

func timelineColumns() map[reading][]string {
	return map[reading][]string{
		plain: {
			"tenant", "live", "customer_id", "region", "org_unit", "product", "service", "channel", "segment", "agent", "was_resolved", "was_reopened",
		},
		pairs: {"labels"}, list: {"reached.name", "due.name", "duration.name", "duration.micros"}, stamps: {"reached.at", "due.at"},
		nullableList: {"duration.working_micros"},
	}
}

const timelineResidue = "notEmpty(`reached.name`) OR notEmpty(`due.name`) OR notEmpty(`duration.name`) OR was_resolved OR was_reopened OR customer_id != '' " +
	"OR concat(region, org_unit, product, service, channel, segment, agent) != '' OR notEmpty(labels)"

func columns(groups ...map[reading][]string) map[string]reading {
	all := map[string]reading{}
	for _, group := range groups {
		for r, names := range group {
			for _, name := range names {
				all[name] = r
			}
		}
	}
	return all
}

// LoadOutcomes reads the live rows of the tables of outcomes as stored, and those that are not live though they still say
// something: such a row equals no expected one.
func LoadOutcomes(ctx context.Context, conn driver.Conn) ([]Outcome, error) {
	var all []Outcome
	for _, t := range OutcomeTables() {
		rows, err := loadOutcomes(ctx, conn, t)
		if err != nil {
			return nil, fmt.Errorf("load %s: %w", t.Name, err)
		}
		all = append(all, rows...)
	}
	return all, nil
}

func loadOutcomes(ctx context.Context, conn driver.Conn, t OutcomeTable) (all []Outcome, err error) {
	var names, selected []string
	for name, r := range t.Columns {
		names = append(names, name)
		// The alias keeps a conversion from shadowing the column in WHERE.
		selected = append(selected, fmt.Sprintf("CAST("+string(r)+", 'Array(String)') AS c%[2]d", "`"+name+"`", len(names)))
	}
	rows, err := conn.Query(ctx, fmt.Sprintf("SELECT %s FROM rapport_store.%s FINAL WHERE live OR %s", strings.Join(selected, ", "), t.Name, t.residue))
	if err != nil {
		return nil, err
	}
	defer func() {
		if cerr := rows.Close(); err == nil {
			err = cerr
		}
	}()
	for rows.Next() {
		texts, targets := make([][]string, len(names)), make([]any, len(names))
		for i := range texts {
			targets[i] = &texts[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return nil, err
		}
		v := values{}
		for i, name := range names {
			v[name] = texts[i]
		}
		all = append(all, v.of(t))
	}
	return all, rows.Err()
}
