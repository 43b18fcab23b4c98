package rolling

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/rapport-project/rapport/metrics"
	"github.com/rapport-project/rapport/questionnaires"
	"github.com/rapport-project/rapport/tenants"
)

// heavyReaderOf is the reader of states that rest on the facts of whole spans; nil where there is none. The statement is in the file of its name.
func heavyReaderOf(s metrics.State) *reader {
	switch s {
	case metrics.Recontacts:
		return newReader(string(s), func(k *uint32) []column { return []column{{name: "days", into: k}} }, count,
			func(s *metrics.States) *map[uint32]uint64 { return &s.Recontacts })
	case metrics.CustomerMeans:
		return newReader(string(s), named("questionnaire"), func(v *metrics.CustomerMean) []column {
			return []column{{name: "surveyed", into: &v.Surveyed}, {name: "satisfied", into: &v.Satisfied}, {name: "anonymous", into: &v.Anonymous}}
		}, func(s *metrics.States) *map[string]metrics.CustomerMean { return &s.Customers })
	case metrics.Coverages:
		return newReader(string(s), named("questionnaire"), func(v *metrics.Coverage) []column {
			return []column{
				{name: "customers", into: &v.Customers}, {name: "covered", into: &v.Covered},
				{name: "contacts", into: &v.Contacts}, {name: "covered_contacts", into: &v.CoveredContacts},
			}
		}, func(s *metrics.States) *map[string]metrics.Coverage { return &s.Coverage })
	case metrics.Invitations:
		return newReader(string(s), named("questionnaire"), func(v *metrics.Invitation) []column {
			return []column{{name: "sent", into: &v.Sent}, {name: "answered", into: &v.Answered}}
		}, func(s *metrics.States) *map[string]metrics.Invitation { return &s.Invitations })
	case metrics.Joints:
		return newReader(string(s), func(k *metrics.JointKey) []column {
			return []column{
				{name: "questionnaire", into: &k.Questionnaire}, {name: "dimension", into: &k.Dimension},
				{name: "num", into: &k.Num}, {name: "den", into: &k.Den}, {name: "overall", into: &k.Overall},
			}
		}, count, func(s *metrics.States) *map[metrics.JointKey]uint64 { return &s.Joints })
	}
	return nil
}

// heavy adds one kind of heavy states to an answer, cut after cut: each holds all customers of its spans in memory.
func (c *Computer) heavy(ctx context.Context, t tenants.Tenant, rest metrics.State, a *answer) error {
	for _, group := range apart(a.q.Spans) {
		spans := make([]Span, len(group))
		for i, n := range group {
			spans[i] = a.q.Spans[n]
		}
		p := newPlan(t, spans, rules{kept: c.kept(t), factsOnly: true})
		if len(p.pieces) == 0 {
			continue
		}
		args := c.parameters(t, rest, p, spans)
		// Slots of a plan are of places in the group; answers are of places in the query.
		for i, members := range p.slots {
			p.slots[i] = []member{{span: group[members[0].span]}}
		}
		for _, cut := range a.q.Cuts {
			_, over := a.over.kept[cut]
			sql, err := render(string(rest)+".sql", heavyCut{Cut: cut, Value: valueOf(cut), Other: otherOf(cut), Over: over})
			if err != nil {
				return err
			}
			r := heavyReaderOf(rest)
			if err := c.query(ctx, sql, args, r.destinations(), func(slot uint16, cut, value string) {
				a.take(r, p.slots[slot-1], cut, value)
			}); err != nil {
				return fmt.Errorf("%s by %q: %w", rest, cut, err)
			}
		}
	}
	return nil
}

// heavyCut is what the statements are rendered with: names of closed lists.
type heavyCut struct {
	Cut, Value, Other string
	// Over says that not all values of the cut are shown.
	Over bool
}

// valueOf is the expression of the value of a cut.
func valueOf(cut string) string {
	switch attributes := strings.Split(cut, ","); {
	case cut == "":
		return "''"
	case len(attributes) == 2:
		return "toJSONString([" + attributes[0] + ", " + attributes[1] + "])"
	}
	return "toString(" + cut + ")"
}

// parameters of a statement about spans that are apart.
func (c *Computer) parameters(t tenants.Tenant, rest metrics.State, p plan, spans []Span) []any {
	bounds, slots, first, end := runsOf(p.pieces)
	args := []any{
		clickhouse.Named("tenant", t.ID), clickhouse.Named("bounds", bounds), clickhouse.Named("slots", slots),
		clickhouse.Named("first_hour", first[0]), clickhouse.Named("end_hour", end[len(end)-1]),
	}
	switch rest {
	case metrics.CustomerMeans:
		versions, thresholds := thresholdsOf(c.o.Questionnaires)
		args = append(args, clickhouse.Named("versions", versions), clickhouse.Named("thresholds", thresholds))
	case metrics.Invitations:
		var judged []int64
		for _, members := range p.slots {
			judged = append(judged, spans[members[0].span].Judged.UnixMicro())
		}
		args = append(args, clickhouse.Named("judged", judged), clickhouse.Named("last", slices.Max(judged)))
	}
	return args
}

// thresholdsOf are the thresholds of all versions, in millionths, by questionnaire and version with a space between.
func thresholdsOf(c *questionnaires.Catalog) (versions []string, thresholds []int64) {
	for _, id := range c.IDs() {
		for _, v := range c.Versions(id) {
			micros := v.SatisfiedThreshold.Unscaled
			for range 6 - v.SatisfiedThreshold.Places {
				micros *= 10
			}
			versions, thresholds = append(versions, id+" "+v.Version), append(thresholds, micros)
		}
	}
	return versions, thresholds
}

// apart groups the places of spans so that within a group none overlap: what counts customers cannot add up parts of a span.
func apart(spans []Span) [][]int {
	order := make([]int, len(spans))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return spans[i].From.Compare(spans[j].From) })
	var groups [][]int
	for _, i := range order {
		g := slices.IndexFunc(groups, func(g []int) bool { return !spans[g[len(g)-1]].To.After(spans[i].From) })
		if g < 0 {
			groups = append(groups, nil)
			g = len(groups) - 1
		}
		groups[g] = append(groups[g], i)
	}
	return groups
}
