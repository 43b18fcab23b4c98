package erasures

import (
	"context"
	"errors"
	"slices"

	"github.com/rapport-project/rapport/schemas"
)

// held asks until when Kafka holds raw events of what was found.
func (e *Eraser) held(ctx context.Context, r *Receipt) error {
	if e.o.Retention == nil {
		return nil
	}
	topics := topicsOf(*r)
	if len(topics) == 0 {
		return nil
	}
	all, err := e.o.Retention(ctx, topics, r.BegunAt)
	if err != nil {
		return errors.Join(err, errors.New("all is erased; run the command again for the receipt"))
	}
	r.Kafka = all
	return nil
}

// topicsOf are the topics that may hold what was found.
func topicsOf(r Receipt) []string {
	rows := map[string]uint64{}
	for _, t := range r.Tables {
		rows[t.Table] = t.Rows
	}
	var topics []string
	add := func(topic string, when bool) {
		if when && topic != "" && !slices.Contains(topics, topic) {
			topics = append(topics, topic)
		}
	}
	for _, t := range facts() {
		add(t.Type.Topic(), rows[t.Name] > 0)
	}
	for _, l := range append(slices.Clone(r.LateFacts), r.DeadLetters...) {
		add(l.Topic, true)
	}
	add(schemas.TopicDeadLetters, len(r.DeadLetters) > 0)
	// Marks name chains, and so customers.
	add(schemas.TopicStaleEntities, rows["contact_facts"] > 0)
	return topics
}

func (e *Eraser) notes(row *erasure) []string {
	notes := []string{"Backups of ClickHouse and Kafka, and copies that others made of topics and views, are the operator's to deal with."}
	if row.Scope == ScopeTenant {
		for _, t := range e.o.Settings.Configured() {
			if t.ID == row.Tenant {
				notes = append(notes, "The tenant has a settings file: remove it and restart, and its settings go from the store with the next erasure of the tenant.")
			}
		}
	}
	return notes
}
