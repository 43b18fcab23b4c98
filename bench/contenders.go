package main

import (
	"context"

	"github.com/rapport-project/rapport/bench/report"
)

// contender is one way to take the events in.
type contender struct {
	name string
	// gives are the results of a run, in order: a row of the table each.
	gives []string
	// run takes in all events of the topic once, from its beginning, and returns what each of the results took.
	run func(ctx context.Context, b *bench, round int) ([]took, error)
}

// contenders are all there are, in the order of the table. A new one needs its line here and nothing else.
func contenders() []contender {
	return []contender{
		{name: "rapport", gives: []string{"rapport_facts", "rapport_rollups"}, run: runRapport},
		{name: report.Reference, gives: []string{report.Reference}, run: runKafkaEngine},
		{name: "contacts", gives: []string{"rapport_contacts", "rapport_contacts_after_ten_times", "rapport_contacts_in_random_order"}, run: runContacts},
		{name: "kafka_go_fetch", gives: []string{"kafka_go_fetch"}, run: runFetch},
		{name: "rapport_live", gives: []string{"rapport_live"}, run: runLive},
	}
}
