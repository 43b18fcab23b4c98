package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/rapport-project/rapport/bench/events"
	"github.com/rapport-project/rapport/bench/report"
)

// contender is one way to take the events in, or another thing to measure.
type contender struct {
	name string
	// group is what -only chooses it by, beside its name.
	group string
	// gives are the results of a run, in order: a row of the table each.
	gives []string
	// against is the contender whose rate those of this one are held against; empty: none.
	against string
	// on is what the broker holds; nil: nothing, and the broker is this contender's own, new in each round.
	on *feed
	// rounds are the most that are run of it; 0: as many as of the others.
	rounds int
	// run does it once: takes in all events of the topic, from its beginning, say, and returns what each of the results took.
	run func(ctx context.Context, b *bench, round int) ([]took, error)
}

// feed is a broker's content, by name; of is that for so many events of a backlog.
type feed struct {
	name string
	of   func(events int) events.Feed
}

// contenders are all there are, in the order of the table. A new one needs its line here and nothing else.
func contenders() []contender {
	ordered := &feed{"ordered", events.Ordered}
	mixed := &feed{"mixed", events.Mixed}
	contacts := &feed{"contacts", func(n int) events.Feed { return events.Contacts(n / contactShare) }}
	return []contender{
		{name: "rapport", group: "facts", gives: []string{"rapport_facts", "rapport_rollups"}, against: report.Reference, on: ordered, run: runRapport},
		{name: report.Reference, group: "facts", gives: []string{report.Reference}, against: report.Reference, on: ordered, run: runKafkaEngine},
		{name: "mixed", group: "mixed", gives: []string{"rapport_mixed", "rapport_mixed_rollups"}, against: report.Mixed, on: mixed, run: runRapport},
		{name: report.Mixed, group: "mixed", gives: []string{report.Mixed}, against: report.Mixed, on: mixed, run: runKafkaEngine},
		{name: "contacts", group: "contacts", gives: []string{"rapport_contacts"}, against: report.Contacts, on: contacts, run: runContacts},
		{name: report.Contacts, group: "contacts", gives: []string{report.Contacts}, against: report.Contacts, on: contacts, run: runKafkaEngine},
		{
			name: "contacts_later", group: "later", gives: []string{"rapport_contacts_after_ten_times", "rapport_contacts_in_random_order"}, against: report.Contacts,
			rounds: 3, run: runContactsLater,
		},
		{name: "http_ingest", group: "ingest", gives: []string{"http_ingest"}, against: report.Writer, run: runIngest},
		{name: report.Writer, group: "ingest", gives: []string{report.Writer}, against: report.Writer, run: runWriter},
		{name: "live", group: "live", gives: []string{"rapport_live"}, rounds: 1, run: runLive},
		{name: "reads", group: "reads", gives: []string{"reads", "growth"}, rounds: 1, run: runReads},
		{name: "kafka_go_fetch", group: "fetch", gives: []string{"kafka_go_fetch"}, against: report.Reference, on: ordered, run: runFetch},
	}
}

// choose returns the contenders of the groups and names given, comma-separated; all for none.
func choose(only string) ([]contender, error) {
	all := contenders()
	if only == "" {
		return all, nil
	}
	var out []contender
	wanted := strings.Split(only, ",")
	var known []string
	for _, c := range all {
		known = append(known, c.group, c.name)
		if slices.Contains(wanted, c.group) || slices.Contains(wanted, c.name) {
			out = append(out, c)
		}
	}
	slices.Sort(known)
	for _, name := range wanted {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("-only %s: want some of %s", name, strings.Join(slices.Compact(known), ", "))
		}
	}
	return out, nil
}
