package metrics

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rapport-project/rapport/questionnaires"
)

// Behind is a statement that lists the events behind a figure of a metric, those that it leaves out too: columns occurred_at, type, source, id, entity (the case or complaint, ”
// where there is none), counts (whether n has it in) and what (what it says). Its parameters are those of Parameters and of a Page. Of cases and complaints
// all events are listed, whenever they happened. It answers an error where Explain does.
func Behind(m Metric, cut string, c *questionnaires.Catalog) (string, error) {
	kinds := behind(m)
	if len(kinds) == 0 {
		return "", fmt.Errorf("metrics: %s is made of other figures: no events are behind it alone", m.Name)
	}
	condition, err := cutCondition(cut)
	if err != nil {
		return "", err
	}
	with := literals(condition, c)
	with.Roles = quote(customer)
	if m.Name == "gap_by_role" {
		with.Roles = "'customer', 'employee', 'manager'"
	}
	var selects []string
	for _, k := range kinds {
		with.Counts = k.counts
		text, err := render("behind/"+k.name+".sql", with)
		if err != nil {
			return "", err
		}
		selects = append(selects, text)
	}
	return "SELECT occurred_at, type, source, id, entity, counts, what\nFROM\n(\n" + strings.Join(selects, "UNION ALL\n") + `)
WHERE (occurred_at, type, source, id) > ({after_at:DateTime64(6, 'UTC')}, {after_type:String}, {after_source:String}, {after_id:String})
ORDER BY occurred_at, type, source, id
LIMIT {limit:UInt32}
`, nil
}

// Page asks for events after one; the zero value of the rest is the first page.
type Page struct {
	At               time.Time
	Type, Source, ID string
	// Limit is the most events that are answered.
	Limit uint32
}

// Named are the parameters of a page as Behind names them.
func (p Page) Named() map[string]string {
	at := p.At
	if at.IsZero() {
		at = time.Unix(0, 0)
	}
	return map[string]string{"after_at": instant(at), "after_type": p.Type, "after_source": p.Source, "after_id": p.ID, "limit": fmt.Sprint(p.Limit)}
}

// kind is a sort of events with the condition under which n has one in.
type kind struct{ name, counts string }

// behind are the sorts of events that a metric is made of.
func behind(m Metric) []kind {
	has := func(states ...State) bool {
		return slices.ContainsFunc(states, func(s State) bool { return slices.Contains(m.Rests, s) })
	}
	var kinds []kind
	if has(Surveys, Dimensions, Scores, Reasons, CustomerMeans, Joints, Coverages) {
		kinds = append(kinds, kind{"responses", responseCounts(m.Name)})
	}
	if has(Invitations) {
		kinds = append(kinds, kind{"invitations", "true"})
	}
	if has(ContactStates, Recontacts, Coverages) {
		kinds = append(kinds, kind{"contacts", contactCounts(m.Name)})
	}
	if has(Milestones, Durations, DueTimes) {
		kinds = append(kinds, kind{"milestones", milestoneCounts(m.Name)})
	}
	if has(ComplaintStates, ComplaintDurations, ComplaintDueTimes) {
		kinds = append(kinds, kind{"complaints", "true"})
	}
	return kinds
}

func responseCounts(metric string) string {
	switch metric {
	case "satisfaction_index":
		return "valid AND satisfaction_index IS NOT NULL"
	case "satisfied_customer_rate":
		return "valid AND satisfaction_index IS NOT NULL AND customer_id != ''"
	case "nps", "ces":
		return "valid AND " + metric + " IS NOT NULL"
	case "fcr_customer":
		return "valid AND resolved_first_contact IS NOT NULL"
	}
	return "valid"
}

func contactCounts(metric string) string {
	switch metric {
	case "fcr", "fcr_low":
		return "fcr != ''"
	case "fcr_confirmed":
		return "fcr != '' AND confirmed_at <= {judged:DateTime64(6, 'UTC')}"
	case "repeat_contact_rate", "complaint_rate":
		return "chain != ''"
	case "recontact_days":
		return "days_to_next IS NOT NULL"
	case "coverage":
		return "customer_id != ''"
	case "answer_rate", "abandon_rate", "service_level", "volume":
		return "direction = 'inbound'"
	case "asa":
		return "direction = 'inbound' AND answered AND wait_seconds IS NOT NULL"
	case "aht":
		return "direction = 'inbound' AND answered AND (talk_seconds IS NOT NULL OR hold_seconds IS NOT NULL OR wrap_seconds IS NOT NULL)"
	}
	return "is_first"
}

func milestoneCounts(metric string) string {
	switch metric {
	case "first_response":
		return "milestone IN ('requested', 'acknowledged', 'responded')"
	case "arrival":
		return "milestone IN ('requested', 'arrived')"
	case "parts":
		return "milestone IN ('requested', 'parts_arrived')"
	case "resolution":
		return "milestone IN ('requested', 'resolved', 'reopened')"
	}
	return "true"
}
